import MusterModel
import MusterWire
import Testing

@Suite("Documents of managed applications")
struct ManagedDocumentTests {
    private let settings: DesiredSettings = [
        .services: [
            ServicesKey.watched: ManagedSetting(.list(["ssh.service", "cron.service"]), isLocked: true),
            ServicesKey.period: ManagedSetting(.duration(.seconds(30))),
        ],
        .networkAgent: [
            NetworkAgentKey.firewall: ManagedSetting(.onOff(false)), NetworkAgentKey.requestPort: ManagedSetting(.number(15_001)),
            NetworkAgentKey.proxy: ManagedSetting(.text("")),
            NetworkAgentKey.proxyPassword: ManagedSetting(.secret(SecretValue(bytes: [0, 255])), isLocked: true),
        ],
    ]

    @Test func settingsComeBackAsTheyWere() throws {
        let document = Document(settings: settings)
        #expect(try Document(encoded: document.body).settings() == settings)
        #expect(Document(settings: [:]) == .empty)
    }

    @Test func anApplicationsPartIsADocumentOfItsOwn() throws {
        let services = try #require(settings[.services])
        let part = Document(settings: settings).settings(of: .services)
        #expect(part.digest == Document(settings: [.services: services]).digest)
        #expect(Document(settings: [.services: services]).settings(of: .networkAgent) == .empty)
    }

    @Test func anItemOfANewerServerIsPassedOver() throws {
        let known = Document(settings: settings).items()
        let strange = [
            // A kind of value not known here: field 15, a varint.
            Document.Item(key: Array("services\0new".utf8), value: [15 << 3, 1]),
            Document.Item(key: Array("services".utf8), value: []), Document.Item(key: Array("UPPER\0key".utf8), value: [8, 1]),
            Document.Item(key: Array("zzz\0key".utf8), value: [255]),
        ]
        #expect(Document(sorting: known + strange).settings() == settings)
    }

    @Test func reportsComeBackAsTheyWere() throws {
        let reports = [
            ApplicationReport(
                application: .networkAgent, version: "1.2", state: .running, outcome: .applied,
                settings: Digest(bytes: Array(repeating: 7, count: 16))),
            ApplicationReport(
                application: .services, state: .failed, outcome: .failed(code: "fileReadOnly", text: "it cannot be written"),
                settings: Digest(bytes: Array(repeating: 8, count: 16)), changedLocally: ["watched", "period"],
                restricted: ["watched"],
                problems: [ApplicationProblem(code: ApplicationProblem.unitFailed, subject: "b.service")],
                facts: [
                    ApplicationFact(name: "unit/b.service", text: "failed"),
                    ApplicationFact(name: "unit/a.service", text: "active"),
                ]),
        ]
        let document = Document(applications: reports)
        #expect(try document.applications() == reports)
        #expect(Document(applications: reports.reversed()).digest == document.digest)
    }

    @Test func whatIsNoReportIsRefused() {
        #expect(throws: WireError.self) {
            try Document(sorting: [Document.Item(key: Array("Not an id".utf8), value: [])]).applications()
        }
        #expect(throws: WireError.self) {
            try Document(sorting: [Document.Item(key: Array("services".utf8), value: [255])]).applications()
        }
    }

    @Test func listsWithoutEndAreCut() throws {
        let names = (0..<1000).map { "k\($0)" }
        let report = ApplicationReport(application: .services, state: .running, changedLocally: names)
        #expect(
            try Document(applications: [report]).applications().first?.changedLocally.count == ApplicationReport.maximumEntries)
    }

    @Test func anUnknownStateIsKeptAsUnknown() throws {
        // state = 99
        let item = Document.Item(key: Array("services".utf8), value: [2 << 3, 99])
        #expect(try Document(sorting: [item]).applications().first?.state == .unknown)
    }
}
