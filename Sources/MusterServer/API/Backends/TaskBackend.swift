package import MusterModel
package import MusterStore

/// What the API needs of the running server about tasks: answers come from memory; what is said to have changed is committed already.
package protocol TaskBackend: Sendable {
    /// Devices it is for now, in no order; those in *Unassigned* are left out.
    func devices(of scope: TaskScope) async throws -> [DeviceID]
    func taskChanged(_ task: ManagedTask) async throws
    /// - Parameter cancelled: actions that were to begin it.
    func taskRemoved(_ id: TaskID, cancelled: [ActionID])
    /// Stores the order and sets about reaching the devices.
    /// - Parameter reach: of who orders it; nil: this type of task is not limited.
    func run(
        _ task: ManagedTask, on devices: [DeviceID], reach: DeviceReach?, expires: Timestamp, principal: AuditPrincipal
    ) async throws -> Reached<ActionOrderRecord>
    /// Cancels a run that its device does not have yet; has another stopped.
    func stop(_ run: RunRecord, expires: Timestamp, principal: AuditPrincipal) async throws
    /// As the device reported them.
    func standings(of device: DeviceID) async throws -> [TaskID: TaskStanding]
    /// Of these, those that are given it: devices where its application is one of others and has no manifest that was accepted and knows
    /// this task are not.
    func given(_ task: TaskDefinition, among devices: [DeviceID]) -> [DeviceID]
    /// Those that are for the device now.
    func tasks(for device: DeviceID) async throws -> Set<TaskID>
    /// Devices that one of these tasks is not for, and would be for after that change; in no order.
    /// - Parameter installed: which devices have what the change asks of inventories that was not asked before.
    func newcomers(
        to tasks: Set<TaskID>, by change: ProspectiveChange, installed: [InstalledCondition: Set<DeviceID>]
    ) -> [DeviceID]
    /// Device selections that tasks may be for.
    func selectionsChanged() async throws
}
