import MusterModel
import MusterWire
import Testing

@testable import MusterAgent

/// Stories at random: policies come, the application fails or not, takes what it then does not do, somebody edits its file, the agent starts again.
@Suite("Whatever happens to a managed application")
struct ManagedApplicationPropertyTests {
    private enum Step: CaseIterable { case policy, fails, works, doesNot, does, isChanged, waits, looks }

    private func settings(_ generator: inout Sequence64) -> [String: ManagedSetting] {
        var settings: [String: ManagedSetting] = [:]
        if Bool.random(using: &generator) {
            let period = ManagedValue.duration(.seconds(Int64.random(in: 5...9, using: &generator)))
            settings[ServicesKey.period] = ManagedSetting(period, isLocked: Bool.random(using: &generator))
        }
        if Bool.random(using: &generator) {
            let units = ["a.service", "b.service"].filter { _ in Bool.random(using: &generator) }
            settings[ServicesKey.watched] = ManagedSetting(.list(units), isLocked: Bool.random(using: &generator))
        }
        return settings
    }

    @Test(arguments: 1...20)
    func inTheEndTheServersWordIsInForceAndSaidSo(seed: Int) async throws {
        var story = Story(generator: Sequence64(value: UInt64(seed)), fixture: try StateFixture())
        // Each life ends as a power cut ends it.
        for _ in 0..<5 {
            var device = try ManagedDevice(story.fixture, connector: story.connector)
            try await answering(device.line) {
                for _ in 0..<8 {
                    let occasion = try step(&story, device)
                    try await device.turn(occasion, after: story.time)
                    try check(try device.report, story)
                }
            }
        }
        story.connector.now { ($0.failure, $0.obstacles) = (nil, [:]) }
        var device = try ManagedDevice(story.fixture, connector: story.connector)
        try await answering(device.line) {
            try await device.turn(after: story.time + .hours(2))
            #expect(try device.report?.outcome == (story.digest == nil ? SettingsOutcome.none : .applied))
            try check(try device.report, story)
            let given = story.connector.given.count
            let idle = try await device.turn(.refresh, after: story.time + .hours(3))
            #expect(idle == ManagedApplication.Outcome() && story.connector.given.count == given)
        }
    }

    private struct Story {
        var generator: Sequence64
        let fixture: StateFixture
        let connector = FakeConnector()
        var time = Duration.zero
        var desired: [String: ManagedSetting] = [:]
        var digest: Digest?
    }

    private func step(_ story: inout Story, _ device: ManagedDevice) throws -> ManagedApplication.Occasion {
        switch Step.allCases.randomElement(using: &story.generator) ?? .looks {
        case .policy:
            story.desired = settings(&story.generator)
            story.digest = try device.desire(story.desired)
            return .settings
        case .fails: story.connector.now { $0.failure = ConnectorError("fileReadOnly", "") }
        case .works: story.connector.now { $0.failure = nil }
        case .doesNot:
            story.connector.now { $0.obstacles = [ServicesKey.period: .failure(ConnectorError("broken", ""))] }
        case .does: story.connector.now { $0.obstacles = [:] }
        case .isChanged:
            let period = ManagedValue.duration(.seconds(Int64.random(in: 5...9, using: &story.generator)))
            story.connector.now { $0.inForce[ServicesKey.period] = period }
            return .files
        case .waits: story.time += .minutes(Int64.random(in: 1...70, using: &story.generator))
        case .looks: return .refresh
        }
        return .time
    }

    /// What is said to be in force is, but for what is said to be changed locally.
    private func check(_ report: ApplicationReport?, _ story: Story) throws {
        let report = try #require(report)
        #expect(report.settings == story.digest)
        guard report.outcome == .applied else { return }
        let (inForce, obstacles) = story.connector.now { ($0.inForce, $0.obstacles) }
        #expect(
            story.desired.keys.allSatisfy { obstacles[$0] == nil || report.changedLocally.contains($0) },
            "what does not work is not in force")
        for (key, setting) in story.desired {
            let isChanged = inForce[key] != setting.value
            #expect(isChanged == report.changedLocally.contains(key), "\(key)")
            #expect(!isChanged || !setting.isLocked, "a locked one is put back")
        }
    }
}
