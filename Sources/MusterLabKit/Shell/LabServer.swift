import Foundation
package import MusterTestKit

/// The server's machine, in the office; the router forwards its ports of TCP and UDP 13000 to it.
package final class LabServer: Sendable {
    package let host: LabHost
    private let files: TemporaryDirectory

    init(_ host: LabHost, files: TemporaryDirectory) {
        self.host = host
        self.files = files
    }

    /// For its settings file; in force at the next start.
    package func set(_ settings: [String: Any]) throws {
        let json = try JSONSerialization.data(withJSONObject: settings)
        try host.write(String(decoding: json, as: UTF8.self), to: "/etc/muster/server.json")
    }

    /// Installs it, which makes its data and starts it.
    func setUp() async throws {
        let package = LabPackages.install(
            "\(LabPackages.inside)/muster-server_*.deb", environment: "MUSTER_EXTERNAL_ADDRESS=\(LabPlan.externalName)")
        try await host.run(package, within: .seconds(120)).succeeded()
        try await waitUntilItServes()
    }

    package func start() async throws {
        try await host.run("systemctl start muster-server").succeeded()
        try await waitUntilItServes()
    }

    private func waitUntilItServes() async throws {
        try await eventually("the server serves", within: .seconds(60)) {
            try await muster("server", "status").succeeded()
            return true
        }
    }

    package func stop() async throws { try await host.run("systemctl stop muster-server", within: .seconds(120)).succeeded() }

    package func restart() async throws {
        try await stop()
        try await start()
    }

    /// Runs the administrator's command, on the server's machine.
    package func muster(_ arguments: String...) async throws -> CommandResult { try await muster(arguments) }

    package func muster(_ arguments: [String]) async throws -> CommandResult {
        let environment = """
            MUSTER_SERVER=127.0.0.1:13299 MUSTER_TOKEN_FILE=/var/lib/muster-server/admin.token \
            MUSTER_PIN=$(cat /var/lib/muster-server/api.pin)
            """
        return try await host.run("\(environment) muster \(arguments.map(LabFile.quoted).joined(separator: " "))")
    }

    /// What a list prints for programs; one thing is a list of one.
    /// - Throws: what the command said when it failed.
    package func musterJSON(_ arguments: String...) async throws -> [[String: Any]] {
        let result = try await muster(arguments + ["--output", "json"]).succeeded()
        return result.output.hasPrefix("{") ? [try result.object()] : try result.objects()
    }

    /// A token to enrol with, and the server key fingerprints to trust.
    package func makeToken(uses: Int = 1) async throws -> (token: String, pins: [String]) {
        let created = try await musterJSON("enrolment-tokens", "create", "--uses", "\(uses)", "--expires", "1h")
        guard let token = created.first?["token"] as? String, let pins = created.first?["pins"] as? [String] else {
            throw FixtureError(description: "no token was made: \(created)")
        }
        return (token, pins)
    }

    /// Where downloads lie, here and on devices.
    package static let download = "/root/agent.deb"

    /// Makes an installation package with the addresses, and downloads it.
    package func makePackage(
        _ name: String, at addresses: [String] = [LabPlan.externalName], _ options: [String] = []
    ) async throws {
        let addresses = addresses.flatMap { ["--server-address", $0] }
        try await muster(["packages", "create", name] + addresses + options).succeeded()
        try await downloadPackage(name)
    }

    /// Downloads a package anew.
    package func downloadPackage(_ name: String) async throws {
        try await muster("packages", "download", name, "--to", Self.download).succeeded()
    }

    /// A device as the server knows it.
    package func device(_ id: String) async throws -> [String: Any] {
        guard let device = try await musterJSON("devices", "show", id).first else {
            throw FixtureError(description: "no device \(id)")
        }
        return device
    }

    /// Waits until a device has no session: one stays open for a while after what it was for.
    package func waitUntilDisconnected(_ device: LabDevice) async throws {
        let id = try await device.id
        try await eventually("the session of \(device.name) is over", within: .seconds(90)) {
            try await self.device(id)["connected"] as? Bool == false
        }
    }

    /// A device's events of one type, in order.
    package func events(_ type: String, of device: String) async throws -> [[String: Any]] {
        try await musterJSON("events", "list", "--device", device, "--limit", "100000").filter { $0["type"] as? String == type }
    }
}
