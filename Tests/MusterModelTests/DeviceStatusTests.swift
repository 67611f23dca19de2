import MusterModel
import Testing

@Suite("Device status")
struct DeviceStatusTests {
    private let now = Timestamp(milliseconds: 1_790_000_000_000)

    private func status(_ conditions: StatusConditions = .standard, _ change: (inout StatusFacts) -> Void) -> DeviceStatus {
        var facts = StatusFacts()
        change(&facts)
        return DeviceStatus(conditions, facts, now: now)
    }

    private func conditions(_ values: [String: ManagedValue]) -> StatusConditions {
        StatusConditions(EffectiveSettings(.deviceStatus, policies: [], own: values))
    }

    @Test func aDeviceOfWhichNothingBadIsKnownIsOK() {
        #expect(status { _ in }.level == .ok)
        #expect(status { $0.due = now + .minutes(5) }.reasons.isEmpty)
    }

    @Test func aRevokedDeviceIsNotJudged() {
        let revoked = status {
            $0.isRevoked = true
            $0.due = now - .days(30)
            $0.failedUnits = ["a.service"]
        }
        #expect(revoked.level == .revoked && revoked.reasons.isEmpty && revoked.changes == nil)
        #expect(DeviceStatusLevel.revoked < .ok)
    }

    @Test func anOverdueDeviceGetsWorseWithTime() {
        let due = now - .days(6)
        let ok = status { $0.due = due }
        #expect(ok.level == .ok)
        #expect(ok.changes == due + .days(7))
        let warning = status { $0.due = now - .days(7) }
        #expect(warning.level == .warning)
        #expect(warning.reasons == [StatusReason(code: .overdue, level: .warning, since: now - .days(7))])
        #expect(warning.changes == now + .days(7))
        let critical = status { $0.due = now - .days(14) }
        #expect(critical.level == .critical)
        #expect(critical.changes == nil)
    }

    private static let disks: [(Int64, DeviceStatusLevel)] = [
        (11, .ok), (10, .ok), (9, .warning), (3, .warning), (2, .critical), (0, .critical),
    ]

    @Test(arguments: disks)
    func aFullDiskIsSeen(_ percent: Int64, _ level: DeviceStatusLevel) {
        #expect(status { $0.measures.diskFreePercent = percent }.level == level)
    }

    @Test func theWorstReasonIsTheFirst() {
        let found = status {
            $0.failedUnits = ["b.service", "a.service"]
            $0.isCopied = true
            $0.failedSettings = [.services]
            $0.measures.clockOffset = .minutes(-6)
        }
        #expect(found.level == .critical)
        #expect(found.reasons.map(\.code) == [.copySuspected, .clockOff, .settingsFailed, .unitFailed])
        #expect(found.reasons.last?.subjects == ["a.service", "b.service"])
    }

    @Test func whatIsWrongWithClamAVIsAReason() {
        let found = status {
            $0.threats = ["/srv/b", "/srv/a"]
            $0.protectionStopped = ["silent"]
            $0.databasesOutdated = ["27500"]
        }
        #expect(found.reasons.map(\.code) == [.protectionStopped, .threatFound, .databasesOutdated])
        #expect(found.reasons.map(\.level) == [.critical, .critical, .warning])
        #expect(found.reasons.map(\.subjects) == [["silent"], ["/srv/a", "/srv/b"], ["27500"]])
        let off = conditions([
            DeviceStatusKey.threatFound: .text("off"), DeviceStatusKey.protectionStopped: .text("off"),
            DeviceStatusKey.databasesOutdated: .text("critical"),
        ])
        let other = status(off) {
            $0.threats = ["/srv/a"]
            $0.protectionStopped = ["stopped"]
            $0.databasesOutdated = ["none"]
        }
        #expect(other.reasons == [StatusReason(code: .databasesOutdated, level: .critical, subjects: ["none"])])
    }

    @Test func aConditionThatIsOffIsNoReason() {
        let off = conditions([
            DeviceStatusKey.unitFailed: .text("off"), DeviceStatusKey.diskWarning: .number(0),
            DeviceStatusKey.diskCritical: .number(0),
        ])
        let found = status(off) {
            $0.failedUnits = ["a.service"]
            $0.measures.diskFreePercent = 0
            $0.changedLocally = [.services]
        }
        #expect(found.level == .ok)
        #expect(
            status(conditions([DeviceStatusKey.changedLocally: .text("critical")])) { $0.changedLocally = [.services] }.level
                == .critical)
    }

    @Test func aClockIsOffInEitherDirection() {
        #expect(status { $0.measures.clockOffset = .minutes(5) }.level == .ok)
        #expect(status { $0.measures.clockOffset = .seconds(301) }.reasons.map(\.code) == [.clockOff])
        #expect(status { $0.measures.clockOffset = .seconds(-301) }.reasons.map(\.code) == [.clockOff])
    }

    @Test func timeInWhichTheServerWasAwayIsNotCounted() {
        let attendance = ServerAttendance(started: now, lastAlive: now - .days(10))
        #expect(attendance.moved(now - .days(12)) == now - .days(2))
        #expect(attendance.moved(now - .days(5)) == now)
        #expect(attendance.moved(now + .days(1)) == now + .days(1))
    }
}
