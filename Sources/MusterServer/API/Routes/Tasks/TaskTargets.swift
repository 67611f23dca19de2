import MusterAPI
import MusterModel
import MusterStore

/// Whom a request says that a task is for.
struct TaskScopeReading: Sendable {
    let services: APIServices
    let group: String?
    let selection: String?
    let devices: [DeviceID]?

    /// Nil when nothing is said.
    func scope() async throws -> TaskScope? {
        let said = [group != nil, selection != nil, devices != nil].count { $0 }
        guard said <= 1 else {
            throw Problem.member("group", "A task is for one of these: a group, a selection, or devices that are named.")
        }
        if let group { return .group(try services.backend.administration.group(named: group, member: "group")) }
        if let selection {
            guard let record = try await services.selection(selection) else {
                throw Problem.member("selection", "There is no device selection '\(selection.prefix(200))'.")
            }
            return .selection(record.id)
        }
        guard let devices else { return nil }
        return .devices(try await services.known(devices, maximum: TaskScope.maximumDevices).uniqued)
    }
}

/// The devices that a task is to be run on now.
struct TaskTargets: Sendable {
    let services: APIServices

    func devices(_ wanted: RunTask, of task: ManagedTask) async throws -> [DeviceID] {
        let question = DeviceQuestion(filter: wanted.filter, selection: wanted.selection, isParameter: false)
        let ways = [wanted.devices != nil, wanted.all == true, !question.isEmpty].count { $0 }
        guard ways <= 1 else { throw Problem.member("devices", "Give one of these: devices, all, or a filter and selection.") }
        if let devices = wanted.devices { return try given(task.definition, try managed(try await named(devices))) }
        let found: [DeviceID]
        if wanted.all == true {
            found = try await services.backend.devices(of: .group(.root))
        } else if let chosen = try await services.devices(question) {
            found = chosen.filter(isManaged)
        } else {
            found = try await services.backend.devices(of: task.scope)
        }
        guard !found.isEmpty else {
            throw Problem.member("devices", "There is no device to run it on: none of those that are meant is in a group.")
        }
        let given = services.backend.given(task.definition, among: found)
        guard !given.isEmpty else {
            throw Problem.member(
                "devices",
                "There is no device to run it on: none of those that are meant has a connector of \(task.definition.application) "
                    + "that knows this task and whose manifest is accepted.")
        }
        return given
    }

    private func given(_ task: TaskDefinition, _ devices: [DeviceID]) throws(Problem) -> [DeviceID] {
        let given = Set(services.backend.given(task, among: devices))
        if let device = devices.first(where: { !given.contains($0) }) {
            throw .member(
                "devices",
                "The device \(device) has no connector of \(task.application) that knows this task and whose manifest is accepted."
            )
        }
        return devices
    }

    private func named(_ devices: [DeviceID]) async throws -> [DeviceID] {
        try await services.known(devices, maximum: OrderAction.maximumDevices).uniqued
    }

    /// Devices in *Unassigned* get no tasks.
    private func managed(_ devices: [DeviceID]) throws(Problem) -> [DeviceID] {
        if let device = devices.first(where: { !isManaged($0) }) {
            throw .member(
                "devices",
                "The device \(device) is in Unassigned, where nothing is run. Move it to a group first: "
                    + "muster devices move \(device) --to GROUP")
        }
        return devices
    }

    private func isManaged(_ device: DeviceID) -> Bool { services.backend.place(of: device)?.group != nil }
}

extension [DeviceID] {
    /// Each once, in their order.
    fileprivate var uniqued: Self {
        var seen: Set<DeviceID> = []
        return filter { seen.insert($0).inserted }
    }
}
