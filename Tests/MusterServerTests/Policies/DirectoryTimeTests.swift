import MusterModel
import MusterStore
import MusterTrust
import MusterWire
import Synchronization
import Testing

@testable import MusterServer

/// Rules and profiles that hold, or no longer, though the device said nothing: time passed, or it went away.
@Suite("Rules and profiles in the course of time")
struct DirectoryTimeTests {
    private let now = Timestamp(milliseconds: 1_790_000_000_000)
    private let id = DeviceID.random()

    /// One device, enrolled now, in the root group.
    private func directory(rules: [DeviceRule] = [], profiles: [PolicyProfile] = []) -> DeviceDirectory {
        let policy = Policy(
            id: .random(), application: .networkAgent, group: .root, name: "p", content: PolicyContent(profiles: profiles))
        let directory = DeviceDirectory(
            records: [], settings: AgentSettings(pins: [Fingerprint(hashing: [1])]),
            administration: Administration(groups: [], defaultGroup: .root, rules: rules, policies: [policy]), lastAlive: nil,
            now: now)
        let certificate = CertificateRecord(
            fingerprint: Fingerprint(hashing: [2]), publicKeyFingerprint: Fingerprint(hashing: [3]), generation: 1,
            notBefore: now,
            notAfter: now + .days(90))
        directory.enrolled(DirectoryEntry(id: id, name: "pc-1", certificate: certificate, address: "127.0.0.1", now: now))
        _ = directory.devicesChanged([id], now: now) { entry in
            entry.applicationsStored([ApplicationReport(application: .networkAgent, state: .running)])
        }
        return directory
    }

    private func tagging(_ condition: String) -> DeviceRule {
        DeviceRule(id: .random(), name: condition, condition: condition, effect: .tag("found"), isEnabled: true)
    }

    private func tags(_ directory: DeviceDirectory) -> Set<String> { directory.standing(of: id)?.tags ?? [] }

    @Test func aRuleHoldsWhenItsTimeHasCome() {
        let directory = directory(rules: [tagging("since-enrolment > 2h")])
        #expect(tags(directory) == [])
        _ = directory.beat(now: now + .hours(2) - .minutes(1))
        #expect(tags(directory) == [])
        _ = directory.beat(now: now + .hours(2) + .minutes(10))
        #expect(tags(directory) == ["found"])
    }

    @Test func aProfileThatIsOverGivesOtherSettingsToADeviceThatIsAway() {
        let profile = PolicyProfile(
            name: "new", condition: "since-enrolment < 1d",
            settings: [NetworkAgentKey.syncInterval: ManagedSetting(.duration(.minutes(1)))])
        let directory = directory(profiles: [profile])
        #expect(directory.document(.agent, of: id).map { AgentSettings($0).syncInterval.duration } == .minutes(1))
        #expect(directory.beat(now: now + .hours(23)).away == [])
        #expect(directory.beat(now: now + .days(1) + .minutes(10)).away == [id])
        #expect(directory.document(.agent, of: id).map { AgentSettings($0).syncInterval } == .standard)
        #expect(directory.beat(now: now + .days(2)).away == [], "said once")
    }

    @Test func aRuleFollowsTheConnectionState() {
        let directory = directory(rules: [tagging("state = agent-stopped")])
        directory.noticeReceived(id, AbsenceNotice(kind: .agentStopped, time: now))
        _ = directory.beat(now: now)
        #expect(tags(directory) == ["found"])
        directory.agentStarted(id)
        _ = directory.beat(now: now)
        #expect(tags(directory) == [])
    }

    @Test func aRuleFollowsTheTick() {
        let directory = directory(rules: [tagging("permanent = yes")])
        _ = directory.permanentConnectionChanged(id, since: now)
        _ = directory.beat(now: now)
        #expect(tags(directory) == ["found"])
    }

    @Test func whatNoRuleAsksForIsNotLookedAt() {
        let directory = directory(rules: [tagging("name = pc-1")])
        _ = directory.beat(now: now)
        directory.noticeReceived(id, AbsenceNotice(kind: .agentStopped, time: now))
        #expect(directory.state.withLock { $0.deadlines.take(until: now) } == [])
    }
}
