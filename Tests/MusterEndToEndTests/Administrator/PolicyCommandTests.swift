import Foundation
import MusterTestKit
import Testing

/// `muster policies` and what comes of them on a device, through the real server, agent and command.
@Suite(.fewAtATime)
struct PolicyCommandTests {
    private static let interval = "network-agent/sync-interval"

    private func create(_ site: Site, _ name: String, group: String = "/", _ settings: String...) async throws {
        try await site.server.muster(
            ["policies", "create", name, "--application", "network-agent", "--group", group]
                + settings.flatMap { ["--set", $0] }
        ).succeeded()
    }

    private func seconds(_ site: Site, _ count: Int) async throws {
        try await eventually("the interval is \(count) s on the device", state: { site.agent.log }) {
            try await site.agent.status().number("syncIntervalSeconds") == count
        }
    }

    private func explained(_ site: Site) async throws -> [String: Any] {
        let settings = try await site.server.musterJSON("devices", "settings", site.device, "--application", "network-agent")
        return try #require(settings.first { $0.text("key") == "sync-interval" })
    }

    private func permanentSite() async throws -> Site {
        let site = try await Site()
        try await site.server.muster("devices", "permanent-connection", site.device, "on").succeeded()
        // Of devices on one machine only one has the UDP port.
        try await site.agent.sync()
        try await eventually("the permanent connection is in force", state: { site.agent.log }) {
            try await site.server.device(site.device).object("permanentConnection").text("state") == "inForce"
        }
        return site
    }

    @Test func aPolicyOfTheRootGroupReachesAConnectedDeviceAtOnce() async throws {
        let site = try await permanentSite()
        try await create(site, "Standard", "sync-interval=5m")
        try await seconds(site, 300)
        try await site.server.muster("policies", "set", "Standard", "sync-interval=7m").succeeded()
        try await seconds(site, 420)
        try await site.server.muster("policies", "delete", "Standard").succeeded()
        try await seconds(site, 900)
    }

    @Test func aPolicyWaitsForADeviceThatIsNotConnected() async throws {
        let site = try await Site()
        try await site.agent.stop()
        try await create(site, "Standard", "sync-interval=5m")
        let delivery = try #require(try await site.server.musterJSON("policies", "delivery", "Standard").first)
        #expect(delivery.number("total") == 1 && delivery.object("counts").number("applied") == nil, "\(delivery)")
        try await site.agent.start()
        try await seconds(site, 300)
    }

    @Test func theSettingOfTheFirstDayIsThePolicyOfTheRootGroup() async throws {
        let site = try await Site()
        try await site.server.muster("settings", "set", "sync-interval", "5m").succeeded()
        let policy = try #require(try await site.server.musterJSON("policies", "list").first)
        #expect(policy.object("settings").object("sync-interval").text("value") == "5m", "\(policy)")
        try await site.server.muster("policies", "set", try #require(policy.text("id")), "sync-interval=6m").succeeded()
        #expect(try await site.server.muster("settings", "get", "sync-interval").succeeded().output.contains("6m"))
    }

    @Test func theDevicesOwnValueHoldsUntilThePolicyIsLocked() async throws {
        let site = try await permanentSite()
        try await create(site, "Standard", "sync-interval=5m")
        try await site.server.muster("devices", "set", site.device, Self.interval + "=2m").succeeded()
        try await seconds(site, 120)
        #expect(try await explained(site).object("origin").text("kind") == "device")
        try await site.server.muster("policies", "lock", "Standard", "sync-interval").succeeded()
        try await seconds(site, 300)
        let locked = try await explained(site)
        #expect(locked["locked"] as? Bool == true && locked.object("origin").text("policyName") == "Standard", "\(locked)")
        let overrides = try #require(locked["overrides"] as? [[String: Any]])
        #expect(overrides.texts("value") == ["2m", "15m"], "\(overrides)")
        let table = try await site.server.muster("devices", "settings", site.device, "--explain").succeeded().output
        #expect(table.contains(/sync-interval +5m +locked +policy 'Standard' of \//) && table.contains("set for this device"))
        try await site.server.muster("policies", "unlock", "Standard", "sync-interval").succeeded()
        try await seconds(site, 120)
        try await site.server.muster("devices", "unset", site.device, Self.interval).succeeded()
        try await seconds(site, 300)
    }

    @Test func aProfileHoldsWhereItsExpressionDoes() async throws {
        let site = try await permanentSite()
        try await create(site, "Standard", "sync-interval=5m")
        let name = try #require(try await site.server.device(site.device).text("name"))
        try await site.server.muster(
            "policies", "add-profile", "Standard", "this", "--when", "name = \"\(name)\"", "--set", "sync-interval=3m"
        ).succeeded()
        try await seconds(site, 180)
        #expect(try await explained(site).object("origin").text("profile") == "this")
        try await site.server.muster("policies", "edit-profile", "Standard", "this", "--when", "name = other").succeeded()
        try await seconds(site, 300)
        let shouted = ["--rename", "shouted", "--when", "name = \"\(name.uppercased())\""]
        try await site.server.muster(["policies", "edit-profile", "Standard", "this"] + shouted).succeeded()
        try await seconds(site, 180)
        try await site.server.muster("policies", "edit-profile", "Standard", "shouted", "--disable").succeeded()
        try await seconds(site, 300)
        let wrong = try await site.server.muster("policies", "add-profile", "Standard", "late", "--when", "status = ok")
        #expect(wrong.status == 1 && wrong.error.contains("status"), "\(wrong.error)")
        let nowhere = try await site.server.muster("policies", "add-profile", "Standard", "late", "--when", "group under /nope")
        #expect(nowhere.status == 1 && nowhere.error.contains("no administration group '/nope'"), "\(nowhere.error)")
    }

    @Test func aDryRunCountsDevicesAndChangesNone() async throws {
        let site = try await permanentSite()
        let first = try await site.server.muster(
            "policies", "create", "Standard", "--application", "network-agent", "--group", "/", "--set", "sync-interval=5m",
            "--dry-run", "--output", "json"
        ).succeeded().object()
        #expect(first.number("devices") == 1, "\(first)")
        #expect(try await site.server.musterJSON("policies", "list").isEmpty)
        try await create(site, "Standard", "sync-interval=5m")
        try await seconds(site, 300)
        func run(_ change: String...) async throws -> [String: Any] {
            let arguments = ["policies", "set", "Standard"] + change + ["--dry-run", "--output", "json"]
            return try await site.server.muster(arguments).succeeded().object()
        }
        let other = try await run("sync-interval=1h")
        #expect(other.number("devices") == 1 && other.number("reachableNow") == 1, "\(other)")
        #expect(try #require(other.number("bytes")) > 0)
        #expect(try await run("sync-interval=5m").number("devices") == 0)
        #expect(try await site.agent.status().number("syncIntervalSeconds") == 300)
        #expect(try await site.server.musterJSON("policies", "show", "Standard").first?.number("revision") == 1)
    }

    @Test func twoWhoChangeItAtOnceDoNotUndoEachOther() async throws {
        let site = try await Site()
        try await create(site, "Standard", "sync-interval=5m")
        try await site.server.muster("policies", "set", "Standard", "request-port=15001", "--revision", "1").succeeded()
        let second = try await site.server.muster("policies", "set", "Standard", "request-port=15002", "--revision", "1")
        #expect(second.status == 1 && second.error.contains("revision 2, 20"), "\(second.error)")
        #expect(second.error.contains("request-port") && second.error.contains("muster policies show"), "\(second.error)")
        let history = try await site.server.musterJSON("policies", "history", "Standard")
        #expect(history.numbers("revision") == [2, 1])
        #expect(history.allSatisfy { time($0.text("at")) != nil && $0.text("principal")?.isEmpty == false }, "\(history)")
        let restored = try await site.server.musterJSON("policies", "restore", "Standard", "1").first
        #expect(restored?.number("revision") == 3 && restored?.object("settings").keys.sorted() == ["sync-interval"])
    }

    /// A package installed over an agent brings other addresses: of locked ones the server has the last word, on trial as ever.
    @Test(arguments: [true, false])
    func addressesChangedOnTheDeviceArePutBackWhereTheyAreLocked(isLocked: Bool) async throws {
        let site = try await permanentSite()
        try await create(site, "Standard", "connection-requests=off", "server-addresses=\(site.server.place)")
        if isLocked { try await site.server.muster("policies", "lock", "Standard", "server-addresses").succeeded() }
        try await site.server.muster("policies", "delivery", "Standard", "--watch", "--timeout", "50s").succeeded()

        let others = [site.server.place, "192.0.2.1:13000"]
        let file = try await site.server.makeConnectionFile("office", at: others)
        try await site.agent.command("enrol", "--connection-file", file).succeeded()
        try await eventually("it is said", state: { "\(try await site.agent.status())" }) {
            try await site.events(isLocked ? "setting-put-back" : "setting-changed-locally").count == 1
        }
        try await eventually("the right ones are in force", state: { String(site.agent.log.suffix(3000)) }) {
            try await site.agent.status()["servers"] as? [String] == (isLocked ? [site.server.place] : others)
        }
        let effective = try await site.server.musterJSON("devices", "settings", site.device)
        let shown = effective.first { $0.text("key") == "server-addresses" }
        #expect(shown?["changedLocally"] as? Bool ?? false == !isLocked, "\(effective)")
    }

    @Test func deliveryIsFollowedUntilItIsInForce() async throws {
        let site = try await permanentSite()
        // Without the UDP port, which another agent on this machine may have.
        try await create(site, "Standard", "sync-interval=5m", "connection-requests=off")
        let watched = try await site.server.muster("policies", "delivery", "Standard", "--watch", "--timeout", "50s").succeeded()
        #expect(watched.output.hasSuffix("1 of 1 applied\n"), "\(watched.output)")
        let device = try #require(try await site.server.musterJSON("policies", "delivery", "Standard", "--devices").first)
        #expect(device.text("device") == site.device && device.text("delivery") == "applied", "\(device)")
        let applications = try await site.server.musterJSON("devices", "applications", site.device)
        let agent = try #require(applications.first { $0.text("application") == "network-agent" })
        #expect(agent.text("delivery") == "applied" && agent.text("state") == "running", "\(agent)")
    }

    @Test func aSecretIsNowhereToBeRead() async throws {
        let site = try await Site()
        try await create(site, "Standard")
        let secret = "a-secret-\(UUID().uuidString)"
        let file = try site.server.secretFile(secret)
        try await site.server.muster("policies", "set", "Standard", "--secret", "proxy-password=" + file).succeeded()
        for arguments in [
            ["policies", "show", "Standard"], ["policies", "history", "Standard"], ["devices", "settings", site.device],
        ] {
            for format in ["table", "json"] {
                let said = try await site.server.muster(arguments + ["--output", format]).succeeded()
                #expect(!(said.output + said.error).contains(secret), "\(arguments)")
            }
        }
        #expect(!site.server.log.contains(secret))
        try await site.server.stop()
        // With what SQLite has not put in its place yet.
        let database = Data(
            try ["", "-wal"].map { site.server.dataDirectory + "/muster.db" + $0 }.filter(FileManager.default.fileExists)
                .map { try Data(contentsOf: URL(fileURLWithPath: $0)) }.joined())
        #expect(database.range(of: Data(secret.utf8)) == nil)
        #expect(database.range(of: Data("proxy-password".utf8)) != nil, "this is where it would be")
    }
}
