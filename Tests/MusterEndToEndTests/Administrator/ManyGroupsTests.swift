import Foundation
import MusterTestKit
import Testing

/// A thousand groups, deep and wide, with five hundred policies, and one real device at the bottom.
@Suite(.fewAtATime)
struct ManyGroupsTests {
    /// 600 groups in one line, each below the one before, and 20 beside each other below every thirtieth of them.
    private static let line = 600
    private static let branches = stride(from: 30, through: line, by: 30)
    private static let beside = 20

    private static func path(_ depth: Int) -> String { "/" + (1...depth).map { "g\($0)" }.joined(separator: "/") }

    @Test func settingsComeFromTheNearestAndAChangeNearTheRootReachesTheBottom() async throws {
        let site = try await Site()
        try await site.withoutConnectionRequests()
        try await site.server.muster("devices", "permanent-connection", site.device, "on").succeeded()
        try await site.agent.sync()
        try await makeGroups(site)
        try await makePolicies(site)
        try await site.server.muster("devices", "move", site.device, "--to", Self.path(Self.line)).succeeded()
        try await theNearestIsInForceAndExplained(site)
        try await aLockNearTheRootReachesIt(site)
        try await listsAnswer(site)
        try await aRestartKeepsIt(site)
    }

    private func makeGroups(_ site: Site) async throws {
        let deep = (1...Self.line).map(Self.path)
        let wide = Self.branches.flatMap { depth in (1...Self.beside).map { "\(Self.path(depth))/w\($0)" } }
        _ = try await site.server.api((deep + wide).map { APIRequest(path: "/groups", body: ["path": $0]) })
    }

    /// The Network Agent's in every second group of the line, of services in every sixth, and of conditions in a hundred beside them.
    private func makePolicies(_ site: Site) async throws {
        func policy(_ name: String, _ application: String, _ group: String, _ settings: [String: Any]) -> APIRequest {
            let values = settings.mapValues { ["value": $0] }
            return APIRequest(
                path: "/policies", body: ["name": name, "application": application, "group": group, "settings": values])
        }
        let agents = stride(from: 2, through: Self.line, by: 2).map {
            policy("Agent \($0)", "network-agent", Self.path($0), ["sync-interval": "\(60 + $0)s"])
        }
        let services = stride(from: 6, through: Self.line, by: 6).map {
            policy("Watch \($0)", "services", Self.path($0), ["watched": ["unit-\($0).service"]])
        }
        let conditions = Self.branches.flatMap { depth in
            (1...5).map {
                policy("Strict \(depth) \($0)", "device-status", "\(Self.path(depth))/w\($0)", ["unit-failed": "critical"])
            }
        }
        #expect(try await site.server.api(agents + services + conditions).count == 500)
    }

    private func setting(_ site: Site, _ application: String, _ key: String) async throws -> [String: Any] {
        let settings = try await site.server.musterJSON("devices", "settings", site.device, "--application", application)
        return try #require(settings.first { $0.text("key") == key })
    }

    private func interval(_ site: Site, becomes seconds: Int) async throws {
        try await eventually("the interval is \(seconds) s", state: { "\(try await site.agent.status())" }) {
            try await site.agent.status().number("syncIntervalSeconds") == seconds
        }
    }

    private func theNearestIsInForceAndExplained(_ site: Site) async throws {
        try await interval(site, becomes: 60 + Self.line)
        let interval = try await setting(site, "network-agent", "sync-interval")
        #expect(interval.object("origin").text("policyName") == "Agent 600")
        #expect(interval.object("origin").text("group") == Self.path(600))
        let overrides = try #require(interval["overrides"] as? [[String: Any]])
        let names = overrides.map { $0.object("origin").text("policyName") ?? "default" }
        #expect(names == stride(from: 598, through: 2, by: -2).map { "Agent \($0)" } + ["default"])
        let watched = try await setting(site, "services", "watched")
        #expect(watched["value"] as? [String] == ["unit-600.service"] && (watched["overrides"] as? [Any])?.count == 100)
        // Of a policy of the root group, and none of those beside its groups.
        let requests = try await setting(site, "network-agent", "connection-requests")
        #expect(requests.object("origin").text("policyName") == "Without requests")
        #expect(try await setting(site, "device-status", "unit-failed").object("origin").text("kind") == "default")
        let explained = try await site.server.muster("devices", "settings", site.device, "--explain").succeeded().output
        #expect(explained.contains("not 1m2s") && explained.contains("policy 'Agent 2' of /g1/g2"))
    }

    private func aLockNearTheRootReachesIt(_ site: Site) async throws {
        let dry = try await site.server.muster(
            "policies", "set", "Agent 2", "sync-interval=9m", "--lock", "--dry-run", "--output", "json"
        ).succeeded().object()
        #expect(dry.number("devices") == 1, "\(dry)")
        try await site.server.muster("policies", "set", "Agent 2", "sync-interval=9m", "--lock").succeeded()
        try await interval(site, becomes: 540)
        let locked = try await setting(site, "network-agent", "sync-interval")
        #expect(locked["locked"] as? Bool == true && locked.object("origin").text("policyName") == "Agent 2", "\(locked)")
        try await eventually("it is applied", state: { "\(try await delivery(site))" }) {
            try await delivery(site).object("counts").number("applied") == 1
        }
        #expect(try await delivery(site).number("total") == 1)
    }

    private func delivery(_ site: Site) async throws -> [String: Any] {
        try #require(try await site.server.musterJSON("policies", "delivery", "Agent 2").first)
    }

    private func listsAnswer(_ site: Site) async throws {
        let groups = try await site.server.musterJSON("groups", "list", "--limit", "100000")
        #expect(groups.count == 1_001)
        #expect(groups.first { $0.text("path") == "/" }?.number("devicesWithBelow") == 1)
        #expect(groups.first { $0.text("path") == Self.path(599) }?.number("devicesWithBelow") == 1)
        #expect(groups.first { $0.text("path") == Self.path(30) + "/w1" }?.number("devicesWithBelow") == 0)
        #expect(try await site.server.musterJSON("policies", "list", "--limit", "100000").count == 501)
        let overview = try await site.server.musterJSON("overview").first
        #expect(overview?.number("devices") == 1, "\(String(describing: overview))")
        let device = try await site.server.musterJSON("devices", "list", "--group", Self.path(300)).first
        #expect(device?.text("id") == site.device)
    }

    private func aRestartKeepsIt(_ site: Site) async throws {
        try await site.server.stop()
        try await site.server.start()
        try await site.agent.sync()
        #expect(try await setting(site, "network-agent", "sync-interval").object("origin").text("policyName") == "Agent 2")
        try await site.server.muster("policies", "unlock", "Agent 2", "sync-interval").succeeded()
        try await interval(site, becomes: 60 + Self.line)
    }
}
