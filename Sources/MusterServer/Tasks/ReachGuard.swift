import MusterAPI
import MusterModel
import MusterStore

/// Devices that come into the scope of tasks which are limited by reach and begin by themselves, because somebody moves them or changes
/// what a selection gives: counted against the reach of who does, before it is done.
struct ReachGuard: Sendable {
    let services: APIServices
    let principal: Principal

    /// Tasks of that kind.
    private var tasks: [ManagedTask] {
        services.backend.administration.tasks.all.values.filter { task in
            let definition = task.definition
            let type = services.taskType(of: definition.application.description, definition.type)
            return task.isScheduled && (type?.isLimitedByReach ?? true)
        }
    }

    /// - Throws: `reachExceeded`.
    func moving(_ devices: [DeviceID], to placement: Placement) async throws {
        let limited = tasks
        guard !limited.isEmpty else { return }
        let administration = services.backend.administration
        let targets: Set<GroupID> =
            switch placement {
            case .fixed(let group): Set([group].compactMap(\.self))
            // By rules, to any of these.
            case .automatic:
                Set(administration.movingRules.compactMap(\.group) + [administration.defaultGroup].compactMap(\.self))
            }
        func scopes(_ groups: Set<GroupID>) -> Set<TaskID> {
            let chains = Set(groups.flatMap { administration.tree.chain(to: $0).map(\.id) })
            return Set(
                limited.filter { task in if case .group(let group) = task.scope { chains.contains(group) } else { false } }.map(
                    \.id))
        }
        let wanted = scopes(targets)
        try await claim(
            devices.filter { device in
                let group = services.backend.place(of: device)?.group
                return !wanted.subtracting(scopes(Set([group].compactMap(\.self)))).isEmpty
            }, for: "moving devices")
    }

    /// - Throws: `reachExceeded`.
    func changing(_ selection: SelectionID, to expression: DeviceExpression) async throws {
        guard tasks.contains(where: { $0.scope == .selection(selection) }) else { return }
        let installed = try await services.store.devices(holding: expression.installedConditions)
        let before = try await services.backend.devices(of: .selection(selection))
        let after = services.backend.devices(matching: expression, installed: installed)
            .filter { services.backend.place(of: $0)?.group != nil }
        try await claim(Array(Set(after).subtracting(before)), for: "selection \(selection)")
    }

    private func claim(_ devices: [DeviceID], for what: String) async throws {
        guard !devices.isEmpty else { return }
        let claim = ReachClaim(devices, reach: principal.reach)
        let excess = try await services.store.claimReach(claim, for: what, principal: principal.audit, now: services.now())
        if let excess { throw Problem.reachExceeded(excess) }
    }
}
