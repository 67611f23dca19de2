import Foundation
import Glibc
import MusterTestKit

/// How this machine reaches a lab's API: a cable between it and the server's machine, and copies of what `muster` needs.
package struct LabLink: Sendable {
    package let server: String
    package let tokenFile: String
    package let pin: String
    /// Where the programs are.
    package let programs: String
}

extension Lab {
    /// Puts the cable in; it goes with the lab. Its addresses are of 198.18/15, which no one on the real Internet has.
    package func linkToThisMachine() async throws -> LabLink {
        guard let process = try server.host.entering().dropFirst().first else {
            throw FixtureError(description: "the server is off")
        }
        let taken = try await runProgram(ProgramPath.ofSystem("ip"), ["-o", "-4", "address"]).succeeded().output
        // Of another lab's cable.
        guard let network = (0..<64).first(where: { !taken.contains(" 198.19.255.\($0 * 4 + 1)/") }) else {
            throw FixtureError(description: "all addresses for cables are taken")
        }
        let (near, here, there) = ("mlab\(getpid())", "198.19.255.\(network * 4 + 1)", "198.19.255.\(network * 4 + 2)")
        let script = """
            ip link add \(near) type veth peer name lab netns \(process)
            ip address add \(here)/30 dev \(near)
            ip link set \(near) up
            """
        try await runProgram(ProgramPath.ofSystem("sh"), ["-e", "-c", script]).succeeded()
        try await server.host.run("ip address add \(there)/30 dev lab; ip link set lab up").succeeded()
        let token = files.file("admin.token")
        try LabFile.write(server.host.read("/var/lib/muster-server/admin.token"), to: token, mode: 0o600)
        let pin = server.host.read("/var/lib/muster-server/api.pin").trimmingCharacters(in: .whitespacesAndNewlines)
        return LabLink(server: "\(there):13299", tokenFile: token, pin: pin, programs: ProgramPath.directory)
    }
}
