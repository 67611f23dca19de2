import MusterModel
import MusterWire
import Testing

@testable import MusterAgent

/// Settings that an application takes and does not do.
@Suite("Settings that are taken and do not work")
struct ObstacleTests {
    private let period = ServicesKey.period
    private let broken = ConnectorReading.Obstacle.failure(ConnectorError("broken", "it does not stay up"))
    private let failed = SettingsOutcome.failed(code: "broken", text: "it does not stay up")

    @Test func theyCountAsFailedAndAreGivenAgainUntilTheyWork() async throws {
        var device = try ManagedDevice()
        try await answering(device.line) {
            let digest = try device.desire([period: ManagedSetting(thirty)])
            device.connector.now { $0.obstacles = [ServicesKey.period: .notYet] }
            try await device.turn(.settings)
            #expect(try device.report?.outcome == SettingsOutcome.none && device.report?.settings == nil, "nobody knows yet")
            device.connector.now { [broken] in $0.obstacles = [ServicesKey.period: broken] }
            try await device.turn(after: .seconds(10))
            #expect(try device.report?.outcome == failed && device.report?.settings == digest)
            #expect(try device.events == ["settings-failed "])
            #expect(device.connector.given.count == 1)
            // After 1, 2 and 4 minutes; what it does meanwhile is not known.
            var time = Duration.seconds(10)
            for (wait, count) in [(Int64(59), 1), (1, 2), (119, 2), (1, 3), (239, 3), (1, 4)] {
                time += .seconds(wait)
                try await device.turn(after: time)
                device.connector.now { $0.obstacles = [ServicesKey.period: .notYet] }
                try await device.turn(after: time)
                device.connector.now { [broken] in $0.obstacles = [ServicesKey.period: broken] }
                try await device.turn(after: time)
                #expect(device.connector.given.count == count, "after \(time)")
                #expect(try device.report?.outcome == failed)
            }
            device.connector.now { $0.silence = ConnectorError("systemdSilent", "") }
            try await device.turn(after: time)
            #expect(try device.report?.outcome == failed, "nobody saw that it works")
            device.connector.now { ($0.silence, $0.obstacles) = (nil, [:]) }
            try await device.turn(after: time)
            #expect(try device.report?.outcome == .applied && device.report?.settings == digest)
            #expect(try device.events == ["settings-failed ", "settings-applied "])
        }
    }

    @Test func settingsThatAreTakenAwayDidNotComeIntoForce() async throws {
        var device = try ManagedDevice()
        try await answering(device.line) {
            try device.desire([period: ManagedSetting(thirty)])
            device.connector.now { [broken] in $0.obstacles = [ServicesKey.period: broken] }
            try await device.turn(.settings)
            #expect(try device.report?.outcome == failed && device.events == ["settings-failed "])
            try device.desire([:])
            device.connector.now { $0.obstacles = [:] }
            try await device.turn(.settings)
            #expect(try device.report?.outcome != failed)
            #expect(try device.events == ["settings-failed "])
        }
    }

    @Test func whatNobodySetIsNoFailureOfThem() async throws {
        var device = try ManagedDevice()
        device.connector.now { [broken] in $0.obstacles = [ServicesKey.watched: broken] }
        try await answering(device.line) {
            try await device.turn()
            #expect(try device.report?.outcome == SettingsOutcome.none)
            try device.desire([period: ManagedSetting(thirty)])
            try await device.turn(.settings)
            #expect(try device.report?.outcome == .applied)
            // Set, and then changed by the owner: what fails is the owner's.
            let units = ManagedValue.list(["a.service"])
            try device.desire([ServicesKey.watched: ManagedSetting(units)])
            device.connector.now { $0.obstacles = [:] }
            try await device.turn(.settings)
            device.connector.now { [broken] in
                $0.inForce[ServicesKey.watched] = .list([])
                $0.obstacles = [ServicesKey.watched: broken]
            }
            try await device.turn(after: .minutes(1))
            #expect(try device.report?.changedLocally == [ServicesKey.watched] && device.report?.outcome == .applied)
        }
    }

    @Test func whatTheOwnerChangedIsNotGivenAgain() async throws {
        var device = try ManagedDevice()
        device.connector.now { [broken] in $0.obstacles = [ServicesKey.period: broken] }
        try await answering(device.line) {
            try device.desire([period: ManagedSetting(thirty)])
            try await device.turn(.settings)
            #expect(try device.report?.outcome == failed)
            device.connector.now { $0.inForce[ServicesKey.period] = fifteen }
            try await device.turn(after: .minutes(5))
            #expect(device.connector.given.count == 1)
            #expect(try device.report?.changedLocally == [period] && device.report?.outcome == .applied)
        }
    }
}
