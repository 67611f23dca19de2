import Foundation
import MusterTestKit
import Testing

/// A server, one device, and a file in which each run of a script leaves its mark.
struct TaskSite {
    let site: Site
    private let files: TemporaryDirectory

    var server: TestServer { site.server }
    var agent: TestAgent { site.agent }

    /// - Parameter isPermanent: the device is ticked, and the permanent connection is in force.
    init(database: DatabaseKind = .sqlite, isPermanent: Bool = true) async throws {
        site = try await Site(database: database)
        files = try TemporaryDirectory()
        guard isPermanent else { return }
        let (server, device, agent) = (site.server, site.device, site.agent)
        try await server.muster("devices", "permanent-connection", device, "on").succeeded()
        try await agent.sync()
        try await eventually("the permanent connection is in force") {
            try await server.device(device).object("permanentConnection").text("state") == "inForce"
        }
    }

    func file(_ name: String) -> String { files.file(name) }

    /// A script that writes which run it is into the file of marks, and then does more.
    func makeTask(_ name: String, _ script: String = "", options: String...) async throws {
        let text = file("\(name).sh")
        try "echo \"$MUSTER_RUN\" >>'\(file("marks"))'\n\(script)\n".write(toFile: text, atomically: true, encoding: .utf8)
        try await server.muster(
            ["tasks", "create", name, "--application", "scripts", "--type", "run", "--set-file", "text=\(text)"]
                + (options.isEmpty ? ["--device", site.device] : options)
        ).succeeded()
    }

    /// The runs that began, as often as they did.
    var marks: [String] {
        let text = (try? String(contentsOfFile: file("marks"), encoding: .utf8)) ?? ""
        return text.split(separator: "\n").map { String($0.prefix { $0 != "/" }) }
    }

    func runs(_ task: String) async throws -> [[String: Any]] {
        try await server.musterJSON("tasks", "runs", task, "--limit", "10000")
    }
}
