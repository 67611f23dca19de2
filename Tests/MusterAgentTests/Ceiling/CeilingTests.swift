import FoundationEssentials
import Glibc
import MusterModel
import MusterWire
import Testing

@testable import MusterAgent

@Suite("What the device's owner forbids")
struct CeilingTests {
    private func ceiling(_ json: String) throws(CeilingFault) -> Ceiling { try Ceiling(json: Array(json.utf8)) }

    @Test func aWholeApplicationOrSingleKeys() throws {
        let ceiling = try ceiling(
            #"{"forbid": {"settings": ["services", "network-agent/firewall", "apt/automatic-updates"], "inventory": ["hardware"], "tasks": ["scripts"]}}"#
        )
        #expect(ceiling.restricted(.services) == ["period", "watched"])
        #expect(ceiling.restricted(.apt) == ["automatic-updates"])
        #expect(ceiling.restricted(.networkAgent) == ["firewall", "inventory-hardware"])
        #expect(ceiling.tasks == ["scripts"])
        #expect(!ceiling.forbids(NetworkAgentKey.proxy, of: .networkAgent))
    }

    @Test(arguments: ["{}", #"{"forbid": {}}"#, #"{"forbid": {"settings": []}}"#])
    func nothing(_ json: String) throws { #expect(try ceiling(json).restricted(.networkAgent).isEmpty) }

    /// A slip of the pen must not leave open what was to be closed.
    @Test(arguments: [
        ("", "it is not JSON"), ("[]", "it is not JSON"), (#"{"forbid": ["services"]}"#, "it is not JSON"),
        (#"{"forbidd": {}}"#, "'forbidd' means nothing"),
        (#"{"forbid": {"setting": ["services"]}}"#, "'setting' cannot be forbidden"),
        (#"{"forbid": {"settings": ["network-agent/firewal"]}}"#, "no application has such a setting"),
        (#"{"forbid": {"settings": ["device-status"]}}"#, "no application has such a setting"),
        (#"{"forbid": {"settings": ["Services"]}}"#, "no application has such a setting"),
        (#"{"forbid": {"settings": ["servces"]}}"#, "no application has such a setting"),
        (#"{"forbid": {"inventory": ["disks"]}}"#, "there are hardware and installed"),
        (#"{"forbid": {"tasks": ["a b"]}}"#, "no application has such tasks"),
        (#"{"forbid": {"tasks": ["script"]}}"#, "no application has such tasks"),
        (#"{"forbid": {"tasks": ["network-agent"]}}"#, "no application has such tasks"),
        (#"{"forbid": {"tasks": ["apt/instal"]}}"#, "no application has such tasks"),
        (#"{"forbid": {"tasks": ["apt/"]}}"#, "no application has such tasks"),
    ])
    func whatIsNotUnderstood(_ json: String, _ text: String) {
        do throws(CeilingFault) {
            _ = try ceiling(json)
            Issue.record("it was taken")
        } catch {
            #expect(error.text.contains(text))
        }
    }

    @Test func allTasksOfAnApplicationOrOneType() throws {
        let ceiling = try ceiling(#"{"forbid": {"tasks": ["scripts", "apt/remove"]}}"#)
        #expect(ceiling.forbids(task: ScriptTaskKey.run, of: .scripts))
        #expect(ceiling.forbids(task: APTTaskKey.remove, of: .apt) && !ceiling.forbids(task: APTTaskKey.install, of: .apt))
        #expect(!ceiling.forbids(task: DeviceTaskKey.restart, of: .device))
        #expect(Ceiling.everything.forbids(task: DeviceTaskKey.restart, of: .device))
    }

    @Test func theValueOnTheDeviceStays() throws {
        let ceiling = try ceiling(
            #"{"forbid": {"settings": ["network-agent/sync-interval", "network-agent/server-addresses", "network-agent/request-port"]}}"#
        )
        var (wanted, current) = (AgentSettings(pins: []), AgentSettings(pins: []))
        wanted.syncInterval = try #require(SyncInterval(checking: .hours(1)))
        wanted.requests = RequestSettings(listens: false, port: 16_000, opensFirewall: true)
        wanted.connection = ConnectionSettings(servers: [try #require(ServerAddress("new:1"))])
        current.requests.port = 15_001
        let limited = ceiling.limiting(wanted, current: current, proxy: nil)
        #expect(limited.syncInterval == .standard && limited.connection == nil)
        #expect(limited.requests == RequestSettings(listens: false, port: 15_001, opensFirewall: true))
    }

    @Test func theProxyAloneMayBeForbidden() throws {
        let ceiling = try ceiling(#"{"forbid": {"settings": ["network-agent/proxy"]}}"#)
        var wanted = AgentSettings(pins: [])
        let (server, proxy) = (try #require(ServerAddress("new:1")), try #require(ProxyAddress("http://mine:3128")))
        wanted.connection = ConnectionSettings(servers: [server], proxy: ProxyAddress("http://theirs:3128"))
        let limited = ceiling.limiting(wanted, current: AgentSettings(pins: []), proxy: proxy)
        #expect(limited.connection == ConnectionSettings(servers: [server], proxy: proxy))
    }

    @Test func inventory() throws {
        let ceiling = try ceiling(#"{"forbid": {"inventory": ["hardware", "installed"]}}"#)
        #expect(ceiling.limiting(InventorySettings()) == InventorySettings(sources: [], reportsHardware: false))
    }
}

@Suite("The owner's file")
struct CeilingFileTests {
    private let directory: TemporaryDirectory
    private let file: CeilingFile

    init() throws {
        directory = try TemporaryDirectory()
        file = CeilingFile(directory: directory.path, owner: geteuid())
    }

    private func write(_ text: String = #"{"forbid": {"settings": ["services"]}}"#) throws {
        try directory.write(CeilingFile.name, text)
        chmod(file.path, 0o644)
    }

    @Test func withoutOneNothingIsForbidden() {
        #expect(file.read().ceiling == .none && file.read().fault == nil)
        #expect(CeilingReport(file.read()) == nil)
    }

    @Test func itIsRead() throws {
        try write()
        #expect(file.read().ceiling.restricted(.services) == ["period", "watched"])
        #expect(CeilingReport(file.read())?.text == "forbids settings services")
    }

    @Test func othersMayNotWriteToIt() throws {
        try write()
        chmod(file.path, 0o664)
        #expect(file.read().ceiling == .everything)
        #expect(file.read().fault?.contains("chmod go-w") == true)
        chmod(file.path, 0o644)
        chmod(directory.path, 0o777)
        #expect(file.read().fault?.contains("its directory") == true)
    }

    @Test func itMustBelongToRoot() throws {
        try write()
        let other = CeilingFile(directory: directory.path, owner: geteuid() + 1).read()
        #expect(other.ceiling == .everything && other.fault?.contains("chown root") == true)
    }

    @Test func aLinkOrAnEmptyFileIsNone() throws {
        try write("")
        #expect(file.read().ceiling == .everything)
        try directory.remove(CeilingFile.name)
        symlink("/dev/null", file.path)
        #expect(file.read().fault == "it is not a plain file")
    }

    @Test func theBoardSaysWhatIsNew() throws {
        let board = CeilingBoard(file)
        #expect(!board.readAgain())
        try write()
        #expect(board.readAgain() && board.ceiling.forbids("period", of: .services))
        #expect(!board.readAgain())
    }
}

@Suite("Settings under the owner's ceiling")
struct RestrictedSettingsTests {
    private let period = ServicesKey.period

    @Test mutating func forbiddenKeysAreNotAppliedAndReported() async throws {
        let fixture = try StateFixture()
        try fixture.temporary.write(CeilingFile.name, #"{"forbid": {"settings": ["services/watched"]}}"#)
        chmod(fixture.temporary.path + "/" + CeilingFile.name, 0o644)
        var device = try ManagedDevice(fixture)
        try await answering(device.line) {
            let digest = try device.desire([
                ServicesKey.watched: ManagedSetting(.list(["a.service"]), isLocked: true), period: ManagedSetting(thirty),
            ])
            try await device.turn(.settings)
            #expect(device.connector.given == [[period: thirty]])
            #expect(try device.report?.restricted == ["watched"])
            #expect(try device.report?.outcome == .applied)
            #expect(try device.report?.settings == digest, "of all that the server sent")

            try fixture.temporary.remove(CeilingFile.name)
            #expect(device.ceiling.readAgain())
            try await device.turn(.settings)
            #expect(device.connector.given.last == [period: thirty, ServicesKey.watched: .list(["a.service"])])
            #expect(try device.report?.restricted == [])
        }
    }

    @Test func theDocumentAgentComesIntoForceWithoutThem() throws {
        let fixture = try StateFixture()
        try fixture.state.setServers([try #require(ServerAddress("old:13000"))])
        let ceiling = try Ceiling(
            json: Array(#"{"forbid": {"settings": ["network-agent/server-addresses", "network-agent/request-port"]}}"#.utf8))
        var settings = AgentSettings(pins: [])
        settings.requests = RequestSettings(listens: true, port: 16_000, opensFirewall: true)
        settings.connection = ConnectionSettings(servers: [try #require(ServerAddress("new:13000"))])
        let document = Document(settings)
        #expect(try !HeldSettings.apply(document, named: .agent, pin: nil, under: ceiling, to: fixture.state))
        #expect(try fixture.state.held(.agent) == document)
        #expect(try fixture.state.trial() == nil)
        #expect(try fixture.state.requestSettings() == RequestSettings(listens: true, port: 15_000, opensFirewall: true))
        // The owner thinks better of it.
        #expect(try HeldSettings.bringIntoForceAgain(under: .none, fixture.state))
        #expect(try fixture.state.requestSettings().port == 16_000)
        // And again: what is in force stays.
        #expect(try !HeldSettings.bringIntoForceAgain(under: ceiling, fixture.state))
        #expect(try fixture.state.requestSettings().port == 16_000)
        #expect(try fixture.state.trial() == nil)
    }
}
