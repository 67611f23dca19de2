import Foundation
import MusterTestKit
import Testing

/// Groups, rules, tags and selections, with real devices.
@Suite(.fewAtATime)
struct GroupTests {
    @Test(arguments: DatabaseKind.allCases)
    func aRulePlacesDevicesByWhatTheyAre(_ database: DatabaseKind) async throws {
        let site = try await Site(database: database)
        let server = site.server
        try await server.muster("groups", "create", "/Servers").succeeded()
        try await server.muster("groups", "create", "/Servers/With dpkg").succeeded()
        #expect(try await server.device(site.device).object("group").text("path") == "/")
        let rule = ["moving-rules", "create", "dpkg", "--when", "installed dpkg > 1", "--to", "/Servers/With dpkg"]
        let dry = try await server.muster(rule + ["--dry-run"]).succeeded().output
        #expect(dry.contains("Devices that would move: 1"))
        #expect(try await server.device(site.device).object("group").text("path") == "/")
        try await server.muster(rule).succeeded()
        #expect(try await server.device(site.device).object("group").text("path") == "/Servers/With dpkg")
        // By hand it stays where it was put, whatever rules say, also when the server starts again.
        try await server.muster("devices", "move", site.device, "--to", "/Servers").succeeded()
        try await server.stop()
        try await server.start()
        #expect(try await server.device(site.device).text("placement") == "fixed")
        #expect(try await server.device(site.device).object("group").text("path") == "/Servers")
        try await server.muster("devices", "move", site.device, "--automatic").succeeded()
        #expect(try await server.device(site.device).object("group").text("path") == "/Servers/With dpkg")
        // A device that comes later is placed as it enrols or as soon as its inventory is there.
        let other = try TestAgent(server: server)
        try await other.enrol()
        try await other.start()
        try await other.sync()
        #expect(try await server.device(try await other.deviceID).object("group").text("path") == "/Servers/With dpkg")
        try await server.muster("moving-rules", "delete", "dpkg").succeeded()
        #expect(try await server.device(site.device).object("group").text("path") == "/")
    }

    @Test func devicesAreChosenByWhatTheyAre() async throws {
        let site = try await Site()
        let server = site.server
        try await server.muster("devices", "tag", site.device, "--add", "web", "pilot").succeeded()
        try await server.muster("tag-rules", "create", "debs", "--when", "installed dpkg", "--tag", "debs").succeeded()
        let device = try await server.device(site.device)
        #expect(device["tags"] as? [String] == ["debs", "pilot", "web"] && device["ownTags"] as? [String] == ["pilot", "web"])
        func list(_ arguments: String...) async throws -> [String] {
            let listed = try await server.muster(["devices", "list", "--output", "json"] + arguments).succeeded()
            return try listed.objects().texts("id")
        }
        #expect(try await list("--tag", "web", "--tag", "debs", "--group", "/", "--installed", "dpkg > 1") == [site.device])
        #expect(try await list("--not-synchronized-for", "3d") == [])
        let nowhere = try await server.muster("devices", "list", "--group", "/nope")
        #expect(nowhere.status != 0 && nowhere.error.contains("no administration group '/nope'"), "\(nowhere.error)")
        #expect(try await list("--filter", "since-synchronization < 1h and status != critical") == [site.device])
        try await server.muster("selections", "create", "web servers", "--tag", "web").succeeded()
        #expect(try await list("--selection", "web servers") == [site.device])
        try await server.muster("devices", "tag", site.device, "--remove", "web").succeeded()
        #expect(try await list("--selection", "web servers") == [])
        let ordered = try await server.muster("devices", "sync", "--tag", "pilot", "--output", "json").succeeded().object()
        #expect(ordered.number("total") == 1)
        let none = try await server.muster("devices", "sync", "--selection", "web servers")
        #expect(none.status == 1 && none.error.contains("no device"))
    }

    /// A profile and a selection name a group by its path, and hold for the same devices whatever it is called and wherever it is.
    @Test func whatNamesAGroupFollowsIt() async throws {
        let site = try await Site()
        try await site.withoutConnectionRequests()
        let server = site.server
        for group in ["/Warsaw", "/Warsaw/Office", "/Poland"] { try await server.muster("groups", "create", group).succeeded() }
        try await server.muster("devices", "move", site.device, "--to", "/Warsaw/Office").succeeded()
        try await server.muster("selections", "create", "office", "--filter", "group = /Warsaw/Office").succeeded()
        try await server.muster(
            "policies", "add-profile", "Without requests", "office", "--when", "group under /Warsaw", "--set", "sync-interval=7m"
        ).succeeded()
        func holds() async throws -> Bool {
            let chosen = try await server.muster("devices", "list", "--selection", "office", "--output", "json").succeeded()
            let settings = try await server.musterJSON("devices", "settings", site.device)
            let interval = settings.first { $0.text("key") == "sync-interval" }
            return try chosen.objects().texts("id") == [site.device] && interval?.text("value") == "7m"
        }
        #expect(try await holds())
        try await server.muster("groups", "rename", "/Warsaw", "Old town").succeeded()
        #expect(try await holds())
        try await server.muster("groups", "move", "/Old town", "--to", "/Poland").succeeded()
        #expect(try await holds())
        let history = try await server.musterJSON("policies", "history", "Without requests")
        #expect(history.first?.text("change") == "profiles: /Old town became /Poland/Old town", "\(history)")
        try await server.stop()
        try await server.start()
        #expect(try await holds(), "as it is stored")
    }

    @Test func aRuleHoldsByWhatAnAdministratorTicks() async throws {
        let site = try await Site()
        try await site.server.muster("tag-rules", "create", "kept", "--when", "permanent = yes", "--tag", "kept").succeeded()
        #expect(try await site.server.device(site.device)["tags"] as? [String] == [])
        try await site.server.muster("devices", "permanent-connection", site.device, "on").succeeded()
        try await eventually("it is tagged") { try await site.server.device(site.device)["tags"] as? [String] == ["kept"] }
        try await site.server.muster("devices", "permanent-connection", site.device, "off").succeeded()
        try await eventually("it is not") { try await site.server.device(site.device)["tags"] as? [String] == [] }
    }

    @Test func aGroupThatIsDeletedWithItsDevicesRevokesThem() async throws {
        let site = try await Site()
        try await site.server.muster("groups", "create", "/Old").succeeded()
        try await site.server.muster("devices", "move", site.device, "--to", "/Old").succeeded()
        #expect(try await site.server.muster("groups", "delete", "/Old").error.contains("groupInUse"))
        try await site.server.muster("groups", "delete", "/Old", "--delete-devices").succeeded()
        #expect(try await site.server.musterJSON("devices", "list").isEmpty)
        let result = try await site.agent.command("sync")
        #expect(result.status == 1 && result.error.contains("deviceDeleted"), "\(result.error)")
        #expect(try await site.events("device-deleted").count == 1)
    }

    @Test func whatADeviceEnrolsWithSaysWhereItComes() async throws {
        let server = try await TestServer()
        try await server.start()
        try await server.muster("groups", "create", "/Office").succeeded()
        let file = try await server.makeConnectionFile(
            "office", at: nil, "--group", "/Office", "--tag", "pilot", "--approval", "on")
        let agent = try TestAgent(server: server)
        try await agent.command(["enrol", "--connection-file", file]).succeeded()
        try await agent.start()
        try await agent.sync()
        let id = try await agent.deviceID
        let waiting = try await server.device(id)
        #expect(waiting.text("placement") == "awaitsApproval" && waiting.object("group").isEmpty)
        #expect(waiting["tags"] as? [String] == ["pilot"])
        #expect(try await server.muster("devices", "list", "--group", "unassigned").succeeded().output.contains(id))
        try await server.muster("devices", "approve", id).succeeded()
        let approved = try await server.device(id)
        #expect(approved.text("placement") == "fixed" && approved.object("group").text("path") == "/Office")
        let refused = try await server.muster("groups", "delete", "/Office", "--devices-to", "/")
        #expect(refused.status == 1 && refused.error.contains("installation package with it as target"), "\(refused.error)")
        try await server.muster("groups", "delete", "/Office", "--devices-to", "/", "--targets").succeeded()
        #expect(try await server.device(id).object("group").text("path") == "/")
    }
}
