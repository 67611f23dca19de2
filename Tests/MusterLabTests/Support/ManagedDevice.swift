import MusterLabKit
import MusterTestKit
import Testing

/// A device of a lab that policies are made for, and what its server says of it.
struct ManagedDevice {
    static let file = "/etc/muster/services.conf"

    let server: LabServer
    let device: LabDevice
    let id: String

    /// Enrols it. Its agent's log says which documents come.
    init(_ lab: Lab, _ name: String) async throws {
        server = lab.server
        device = try lab.device(name)
        try await device.run("mkdir -p /etc/muster /etc/systemd/system/muster-agent.service.d").succeeded()
        try device.host.write(
            "[Service]\nExecStart=\nExecStart=/usr/bin/muster-agent run --log-level debug\n",
            to: "/etc/systemd/system/muster-agent.service.d/log.conf")
        try await device.enrol()
        id = try await device.id
        try await device.sync()
    }

    var host: LabHost { device.host }
    var settingsFile: String { host.read(Self.file) }

    /// From now on what changes comes at once.
    func connectForGood() async throws {
        try await server.muster("devices", "permanent-connection", id, "on").succeeded()
        try await device.sync()
        try await eventually("the permanent connection is in force", state: { "\(try await server.device(id))" }) {
            (try await server.device(id)["permanentConnection"] as? [String: Any])?.text("state") == "inForce"
        }
    }

    /// For all devices.
    func createPolicy(_ name: String, of application: String, _ settings: String..., locked: [String] = []) async throws {
        try await server.muster(
            ["policies", "create", name, "--application", application, "--group", "/"] + settings.flatMap { ["--set", $0] }
                + locked.flatMap { ["--lock", $0] }
        ).succeeded()
    }

    /// How far a policy has come to it.
    func delivery(_ policy: String) async throws -> [String: Any] {
        try #require(try await server.musterJSON("policies", "delivery", policy, "--devices").first { $0.text("device") == id })
    }

    @discardableResult
    func delivery(
        _ policy: String, becomes state: String, code: String? = nil, within bound: Duration = .seconds(180)
    ) async throws -> [String: Any] {
        try await eventually("'\(policy)' is \(state)", within: bound, state: { "\(try await delivery(policy))" }) {
            let delivery = try await delivery(policy)
            return delivery.text("delivery") == state && (code == nil || delivery.text("code") == code)
        }
        return try await delivery(policy)
    }

    /// One of its managed applications, as the server knows it.
    func application(_ name: String = "services") async throws -> [String: Any] {
        try #require(
            try await server.musterJSON("devices", "applications", id).first { $0.text("application") == name })
    }

    func application(
        _ what: String, _ name: String = "services", _ isSo: ([String: Any]) -> Bool
    ) async throws {
        try await eventually(what, state: { "\(try await application(name))" }) {
            isSo(try await application(name))
        }
    }

    /// Its status and the reasons, as `warning unit-failed:weak.service`.
    var status: String {
        get async throws {
            let status = try #require(try await server.device(id)["status"] as? [String: Any])
            let reasons = (status["reasons"] as? [[String: Any]] ?? []).map {
                "\($0.text("code") ?? ""):\(($0["subjects"] as? [String] ?? []).joined(separator: ","))"
            }
            return ([status.text("level") ?? ""] + reasons).joined(separator: " ")
        }
    }

    func statusBecomes(_ status: String) async throws {
        try await eventually("its status is \(status)", state: { try await self.status }) {
            try await self.status == status
        }
    }

    /// How often a document came from the server since the device was switched on.
    func timesThatCame(_ document: String) async throws -> Int {
        try await log.count { $0.contains("document.came") && $0.contains("document=\(document) ") }
    }

    /// How many documents it sent since it was switched on.
    var documentsSent: Int {
        get async throws {
            try await log.filter { $0.hasSuffix("synchronized") }
                .compactMap { $0.firstMatch(of: #/ documents=([0-9]+) /#).flatMap { Int($0.output.1) } }.reduce(0, +)
        }
    }

    private var log: [Substring] {
        get async throws {
            try await device.run("journalctl -q --no-pager -b -u muster-agent -o cat").succeeded().output.split(separator: "\n")
        }
    }

    func event(_ type: String, count: Int) async throws -> [[String: Any]] {
        try await eventually(
            "the server has \(type)", state: { "\(try await server.events(type, of: id))" }
        ) {
            try await server.events(type, of: id).count == count
        }
        return try await server.events(type, of: id)
    }
}

extension [String: Any] {
    func texts(_ member: String) -> [String] { self[member] as? [String] ?? [] }

    /// Of an application: each problem as `unit-failed weak.service`.
    var problems: [String] {
        (self["problems"] as? [[String: Any]] ?? []).map { "\($0.text("code") ?? "") \($0.text("subject") ?? "")" }
    }

    /// Of an application.
    func fact(_ name: String) -> String? {
        (self["facts"] as? [[String: Any]] ?? []).first { $0.text("name") == name }?.text("text")
    }
}
