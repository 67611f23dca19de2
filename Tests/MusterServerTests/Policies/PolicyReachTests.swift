import MusterAPI
import MusterModel
import MusterStore
import MusterTrust
import Testing

@testable import MusterServer

@Suite("Whom a change of a policy reaches")
struct PolicyReachTests {
    private let now = Timestamp(milliseconds: 1_790_000_000_000)
    private let warsaw = AdministrationGroup(id: .random(), parent: .root, name: "Warsaw")
    private let office: AdministrationGroup

    init() { office = AdministrationGroup(id: .random(), parent: warsaw.id, name: "Office") }

    private func devices(_ count: Int, in group: GroupID?) -> [DeviceRecord] {
        (0..<count).map { number in
            var record = DeviceRecord(id: .random(), name: "\(number)", created: now)
            record.placement = .fixed(group)
            let fingerprint = Fingerprint(hashing: record.id.bytes)
            record.certificates = [
                CertificateRecord(
                    fingerprint: fingerprint, publicKeyFingerprint: fingerprint, generation: 1, notBefore: now,
                    notAfter: now + .days(90), used: true, revoked: false)
            ]
            return record
        }
    }

    /// Devices that have said which applications they have, and hold nothing yet.
    private func directory(_ records: [DeviceRecord]) -> DeviceDirectory {
        let report = ApplicationReport(application: .networkAgent, state: .running)
        return DeviceDirectory(
            records: records, applications: Dictionary(uniqueKeysWithValues: records.map { ($0.id, [report]) }),
            settings: AgentSettings(pins: []),
            administration: Administration(groups: [warsaw, office], defaultGroup: .root, rules: [], policies: []),
            lastAlive: nil, now: now)
    }

    private func policy(in group: GroupID, minutes: Int64 = 5) -> Policy {
        let setting = ManagedSetting(.duration(.minutes(minutes)))
        return Policy(
            id: .random(), application: .networkAgent, group: group, name: "p",
            content: PolicyContent(settings: [NetworkAgentKey.syncInterval: setting]))
    }

    @Test(arguments: [10, 5_000])
    func theDevicesOfItsGroupAndThoseBelowAndNoOthers(others: Int) {
        let (inWarsaw, inOffice) = (devices(2, in: warsaw.id), devices(3, in: office.id))
        let inRoot = devices(others, in: .root)
        let directory = directory(inWarsaw + inOffice + inRoot + devices(others, in: nil))
        let below = directory.policyChanged(policy(in: office.id), installed: [:], now: now)
        #expect(Set(below.away) == Set(inOffice.map(\.id)))
        let above = directory.policyChanged(policy(in: warsaw.id), installed: [:], now: now)
        #expect(Set(above.away) == Set((inWarsaw + inOffice).map(\.id)))
        let all = directory.policyChanged(policy(in: .root), installed: [:], now: now)
        #expect(all.away.count == 5 + others && Set(all.away) == Set((inWarsaw + inOffice + inRoot).map(\.id)))
    }

    @Test func devicesAreFoundInTheGroupTheyWereMovedTo() {
        var moved = devices(1, in: warsaw.id)[0]
        let stayed = devices(1, in: warsaw.id)[0]
        let directory = directory([moved, stayed])
        let (here, there) = (policy(in: warsaw.id), policy(in: .root))
        _ = directory.policyChanged(here, installed: [:], now: now)
        #expect(directory.deliveries(of: here.id).count == 2)
        moved.placement = .fixed(.root)
        moved.revision += 1
        _ = directory.devicesEdited([moved], now: now)
        #expect(directory.deliveries(of: here.id).map(\.device) == [stayed.id])
        #expect(directory.policyChanged(there, installed: [:], now: now).away.count == 2)
        moved.placement = .fixed(nil)
        moved.revision += 1
        _ = directory.devicesEdited([moved], now: now)
        #expect(directory.deliveries(of: there.id).map(\.device) == [stayed.id])
        _ = directory.deleted(stayed.id)
        #expect(directory.deliveries(of: here.id).isEmpty)
    }

    @Test func aDryRunFindsTheSameDevicesAndMovesNobody() {
        let records = devices(3, in: office.id)
        let directory = directory(records + devices(100, in: .root))
        let policy = policy(in: office.id)
        #expect(directory.dryRun(policy, now: now).devices == 3)
        #expect(directory.deliveries(of: policy.id).isEmpty)
        #expect(directory.policyChanged(policy, installed: [:], now: now).away.count == 3)
        #expect(directory.dryRun(policy, now: now).devices == 0)
    }

    /// Conditions of device status are in force as soon as they are said: no device is told.
    @Test func whatStaysAtTheServerIsAppliedAtOnce() {
        let directory = directory(devices(2, in: office.id) + devices(1, in: .root))
        let policy = Policy(
            id: .random(), application: .deviceStatus, group: office.id, name: "p",
            content: PolicyContent(settings: [DeviceStatusKey.diskWarning: ManagedSetting(.number(90))]))
        let dry = directory.dryRun(policy, now: now)
        #expect(dry == PolicyDryRun(devices: 2, reachableNow: 2, bytes: 0))
        _ = directory.policyChanged(policy, installed: [:], now: now)
        #expect(directory.deliveries(of: policy.id).map(\.delivery) == [.applied, .applied])
    }

    @Test func aDeviceWithoutTheApplicationSaysSo() {
        let records = devices(1, in: office.id)
        let directory = directory(records)
        let policy = Policy(
            id: .random(), application: .services, group: office.id, name: "p",
            content: PolicyContent(settings: [ServicesKey.watched: ManagedSetting(.list(["a.service"]))]))
        _ = directory.policyChanged(policy, installed: [:], now: now)
        #expect(directory.deliveries(of: policy.id).map(\.delivery) == [.notSupported], "it never named it")
        _ = directory.devicesChanged(records.map(\.id), now: now) { entry in
            entry.applicationsStored([ApplicationReport(application: .services, state: .notInstalled, outcome: .applied)])
        }
        #expect(directory.deliveries(of: policy.id).map(\.delivery) == [.notSupported], "nor has it now")
    }
}
