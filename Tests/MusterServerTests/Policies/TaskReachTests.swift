import MusterModel
import MusterStore
import MusterTrust
import MusterWire
import Testing

@testable import MusterServer

@Suite("Whom a change of a task reaches, and what devices are told of tasks")
struct TaskReachTests {
    private let now = Timestamp(milliseconds: 1_790_000_000_000)
    private let warsaw = AdministrationGroup(id: .random(), parent: .root, name: "Warsaw")
    private let office: AdministrationGroup

    init() { office = AdministrationGroup(id: .random(), parent: warsaw.id, name: "Office") }

    private func device(_ name: String, in group: GroupID?) -> DeviceRecord {
        var record = DeviceRecord(id: .random(), name: name, created: now)
        record.placement = .fixed(group)
        let fingerprint = Fingerprint(hashing: record.id.bytes)
        record.certificates = [
            CertificateRecord(
                fingerprint: fingerprint, publicKeyFingerprint: fingerprint, generation: 1, notBefore: now,
                notAfter: now + .days(90), used: true, revoked: false)
        ]
        return record
    }

    private func directory(
        _ records: [DeviceRecord], manifests: [DeviceID: [ApplicationID: Digest]] = [:]
    ) -> DeviceDirectory {
        DeviceDirectory(
            records: records, manifests: manifests, settings: AgentSettings(pins: []),
            administration: Administration(groups: [warsaw, office], defaultGroup: .root, rules: [], policies: []),
            lastAlive: nil, now: now, open: { SecretValue(bytes: $0.bytes.reversed()) })
    }

    private func task(
        _ scope: TaskScope, revision: Int64 = 1, id: TaskID = .random(), schedule: String = "daily 03:00",
        settings: [String: ManagedValue] = [:], application: ApplicationID = .services
    ) throws -> ManagedTask {
        ManagedTask(
            TaskDefinition(
                id: id, revision: revision, name: "t", application: application, type: "look", settings: settings,
                timing: try TaskTiming(try TaskSchedule(schedule))),
            scope: scope)
    }

    private func told(_ directory: DeviceDirectory, _ device: DeviceRecord) -> [TaskID] {
        directory.document(.tasks, of: device.id)?.tasks().map(\.id) ?? []
    }

    private func change(
        _ directory: DeviceDirectory, _ task: ManagedTask, _ selections: [SelectionID: String] = [:]
    ) -> Set<DeviceID> {
        Set(directory.taskChanged(task, selections: selections, installed: [:], now: now).away)
    }

    @Test func devicesOfItsGroupAndThoseBelow() throws {
        let (root, inWarsaw, inOffice, unassigned) = (
            device("r", in: .root), device("w", in: warsaw.id), device("o", in: office.id), device("u", in: nil)
        )
        let directory = directory([root, inWarsaw, inOffice, unassigned])
        let task = try task(.group(warsaw.id))
        #expect(change(directory, task) == [inWarsaw.id, inOffice.id])
        #expect(told(directory, inOffice) == [task.id] && told(directory, inWarsaw) == [task.id])
        #expect(told(directory, root).isEmpty && told(directory, unassigned).isEmpty)
        // Narrowed, those that had it are told too.
        var narrow = task
        narrow.scope = .group(office.id)
        narrow.definition.revision = 2
        _ = change(directory, narrow)
        #expect(told(directory, inWarsaw).isEmpty && told(directory, inOffice) == [task.id])
        _ = directory.taskRemoved(task.id, now: now)
        #expect(told(directory, inOffice).isEmpty)
        // Told late of an earlier change, it stays removed.
        _ = change(directory, narrow)
        #expect(told(directory, inOffice).isEmpty)
    }

    @Test func devicesByNameAndBySelection() throws {
        let (a, b, unassigned) = (device("a", in: .root), device("b", in: office.id), device("c", in: nil))
        let directory = directory([a, b, unassigned])
        let named = try task(.devices([a.id, unassigned.id]))
        #expect(change(directory, named) == [a.id])
        #expect(told(directory, a) == [named.id] && told(directory, unassigned).isEmpty)
        let selection = SelectionID.random()
        let selected = try task(.selection(selection))
        _ = change(directory, selected, [selection: "name = b"])
        #expect(told(directory, b) == [selected.id] && told(directory, a) == [named.id])
        _ = directory.selectionsChanged([selection: "name = a"], installed: [:], now: now)
        #expect(told(directory, b).isEmpty && Set(told(directory, a)) == [named.id, selected.id])
        // A device that is renamed is judged anew, and one that moves has the tasks of its new group.
        let moved = try task(.group(office.id))
        _ = change(directory, moved, [selection: "name = a"])
        var record = a
        record.name = "z"
        record.placement = .fixed(office.id)
        record.revision = a.revision + 1
        _ = directory.devicesEdited([record], now: now)
        #expect(Set(told(directory, a)) == [named.id, moved.id])
    }

    @Test func whomAChangeWouldBringATask() throws {
        let (a, b, unassigned) = (device("a", in: .root), device("b", in: warsaw.id), device("c", in: nil))
        let directory = directory([a, b, unassigned])
        let selection = SelectionID.random()
        let (grouped, selected) = (try task(.group(warsaw.id)), try task(.selection(selection)))
        let named = try task(.devices([unassigned.id]))
        for task in [grouped, selected, named] { _ = change(directory, task, [selection: "tag = few"]) }
        func newcomers(_ change: ProspectiveChange) -> Set<DeviceID> {
            Set(directory.newcomers(to: [grouped.id, selected.id, named.id], by: change, installed: [:], now: now))
        }
        let all = Set([a.id, b.id, unassigned.id])
        #expect(newcomers(ProspectiveChange(devices: all)).isEmpty)
        #expect(newcomers(ProspectiveChange(devices: all, placement: .fixed(warsaw.id))) == [a.id, unassigned.id])
        // Whom it is for by name, it is for as soon as it is in a group.
        #expect(newcomers(ProspectiveChange(devices: all, placement: .fixed(.root))) == [unassigned.id])
        // In no group there is no task.
        #expect(newcomers(ProspectiveChange(devices: all, adding: ["few"])) == [a.id, b.id])
        let filter = try DeviceExpression("name = a")
        #expect(newcomers(ProspectiveChange(administration: { $0.setTasks { $0.setSelection(selection, filter) } })) == [a.id])
        // Nothing of it was done.
        #expect(told(directory, a).isEmpty && told(directory, b) == [grouped.id])
    }

    @Test func onlyWhatBeginsByItself_withSecretsOpen() throws {
        let device = device("a", in: .root)
        let directory = directory([device])
        _ = change(directory, try task(.group(.root), schedule: "manual"))
        #expect(told(directory, device).isEmpty)
        _ = change(directory, try task(.group(.root), settings: ["p": .secret(SecretValue(bytes: [1, 2]))]))
        let definition = directory.document(.tasks, of: device.id)?.tasks().first?.definition
        #expect(definition?.settings == ["p": .secret(SecretValue(bytes: [2, 1]))])
        #expect(definition?.timing.schedule.description == "daily 03:00")
    }

    @Test func ofOthersOnlyWhatAnAcceptedManifestOfTheDeviceKnows() throws {
        func manifest(_ type: String) throws -> ExternalManifest {
            let text = #"{"id":"web","version":"1","title":"W","settings":[],"tasks":[{"type":"\#(type)","title":"T"}]}"#
            return try ExternalManifest(json: Array(text.utf8))
        }
        let (looks, moves) = (try manifest("look"), try manifest("move"))
        let web = looks.application
        let (a, b, c, d) = (device("a", in: .root), device("b", in: .root), device("c", in: .root), device("d", in: .root))
        let directory = directory(
            [a, b, c, d],
            manifests: [a.id: [web: looks.digest], b.id: [web: moves.digest], c.id: [web: Digest(truncating: [7])]])
        func accept(_ manifests: ExternalManifest...) -> Set<DeviceID> {
            let accepted = manifests.map { ApplicationCatalogue.Accepted(digest: $0.digest, manifest: $0.manifest) }
            return Set(directory.catalogueChanged(ApplicationCatalogue(accepted: accepted), now: now).away)
        }
        let task = try task(.group(.root), application: web)
        _ = change(directory, task)
        #expect([a, b, c, d].allSatisfy { told(directory, $0).isEmpty }, "nothing is accepted")
        func newcomers(by manifest: ExternalManifest) -> [DeviceID] {
            let accepted = ApplicationCatalogue.Accepted(digest: manifest.digest, manifest: manifest.manifest)
            let change = ProspectiveChange(administration: { $0.setCatalogue($0.catalogue.accepting(accepted)) })
            return directory.newcomers(to: [task.id], by: change, installed: [:], now: now)
        }
        #expect(newcomers(by: looks) == [a.id] && newcomers(by: moves).isEmpty)
        #expect(accept(looks, moves).contains(a.id))
        #expect(newcomers(by: looks).isEmpty, "it is accepted already")
        #expect(told(directory, a) == [task.id])
        #expect([b, c, d].allSatisfy { told(directory, $0).isEmpty }, "another type, another manifest, none")
        #expect(directory.given(task.definition, among: [a, b, c, d].map(\.id)) == [a.id])
        _ = accept(moves)
        #expect(told(directory, a).isEmpty, "it was rejected")
    }

    @Test func aFailedTaskMakesTheStatusWorseWhileItIsMeant() throws {
        let device = device("a", in: .root)
        let directory = directory([device])
        func reasons() -> [StatusReason.Code] { directory.entry(device.id)?.deviceStatus.reasons.map(\.code) ?? [] }
        let task = try task(.group(.root), schedule: "manual")
        directory.runsEnded([(task.id, .failed)], of: device.id, now: now)
        #expect(reasons().isEmpty)
        _ = change(directory, task)
        directory.runsEnded([(task.id, .timedOut)], of: device.id, now: now)
        #expect(reasons() == [.taskFailed])
        #expect(directory.entry(device.id)?.deviceStatus.reasons.first?.subjects == ["t"])
        directory.runsEnded([(task.id, .succeeded)], of: device.id, now: now)
        #expect(reasons().isEmpty)
        directory.runsEnded([(task.id, .interrupted)], of: device.id, now: now)
        var elsewhere = task
        elsewhere.scope = .group(office.id)
        elsewhere.definition.revision = 2
        _ = change(directory, elsewhere)
        #expect(reasons().isEmpty)
    }
}
