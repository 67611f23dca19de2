import Foundation
import MusterLabKit
import MusterTestKit
import Testing

/// The lab itself: what the other tests rely on.
@Suite(.needsRoot, .oneAtATime)
struct LabTests {
    @Test func routersDoWhatTheirPlacesSay() async throws {
        try await withLab(.everywhere) { lab in
            for device in lab.devices {
                let server = device.serverName
                #expect(
                    try await device.run("bash -c '</dev/tcp/\(server)/13000'").status == 0, "\(device.name) reaches the server")
                #expect(try await device.run("systemctl is-active systemd-logind dbus").output == "active\nactive\n")
            }
            // From outside into each: only the hosting place lets UDP 15000 in.
            try await lab.onAll { device in
                guard device.host.place != .office else { return }
                let heard = [try await hears(device, on: 15000, in: lab), try await hears(device, on: 15001, in: lab)]
                #expect(heard == [device.host.place == .hosting, false], "UDP 15000 and 15001 of \(device.name)")
            }
            let pings = try await lab.device("krk-pc-05").run("ping -q -c 400 -i 0.002 -W 1 \(LabPlace.home.outside)").output
            let lost = pings.split(separator: ",").first { $0.contains("packet loss") }
            // 9.75 % of the 400 there and back; none, or half of them, is next to impossible.
            let percent = try #require(lost.flatMap { Double($0.split(separator: "%")[0].trimmingCharacters(in: .whitespaces)) })
            #expect((1...30).contains(percent), "\(pings)")
        }
    }

    /// Whether a datagram from the server's machine, to the device's own address or its router's, arrives.
    private func hears(_ device: LabDevice, on port: Int, in lab: Lab) async throws -> Bool {
        let ear = "timeout 20 nc -u -l \(port) >/run/heard-\(port)"
        try await device.run("systemd-run -q sh -c '\(ear)'").succeeded()
        try await eventually("\(device.name) listens") {
            try await device.run("ss -lunH 'sport = :\(port)'").output.contains(":\(port)")
        }
        let outside = device.host.addressOutside
        // A datagram may be lost on the way; ten are not.
        let mouth = "for i in $(seq 10); do echo heard >/dev/udp/\(outside)/\(port); sleep 0.1; done"
        try await lab.server.host.run("bash -c '\(mouth)'").succeeded()
        return try await device.run("cat /run/heard-\(port)").output.contains("heard")
    }

    @Test func powerGoesAndComesBack() async throws {
        try await withLab(LabPlan([("krk-pc-07", .home)])) { lab in
            let device = try lab.device("krk-pc-07")
            try await device.run("echo kept >/root/file && sync").succeeded()
            _ = try? await device.run("systemctl poweroff")
            try await device.host.waitUntilOff()
            #expect(!device.host.isOn)
            try await device.host.boot()
            #expect(try await device.run("cat /root/file").output == "kept\n")
            try await device.run("touch /run/gone").succeeded()
            try await device.host.reboot()
            #expect(try await device.run("cat /root/file; ls /run/gone").output == "kept\n")
            try await device.host.cutPower()
            try await device.host.boot()
            #expect(try await device.run("cat /root/file").output == "kept\n")
            #expect(try await device.run("bash -c '</dev/tcp/\(device.serverName)/13000'").status == 0)
        }
    }
}
