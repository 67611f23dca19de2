import MusterAPI
import MusterModel
import MusterStore

/// Devices that come into the scope of tasks which are limited by reach and begin by themselves, because somebody moves, tags or renames
/// them, or changes groups, rules or what a selection gives: counted against the reach of who does, before it is done.
struct ReachGuard: Sendable {
    let services: APIServices
    let principal: Principal

    /// Tasks of that kind.
    private var tasks: Set<TaskID> {
        let limited = services.backend.administration.tasks.all.values.filter { task in
            let definition = task.definition
            let type = services.taskType(of: definition.application.description, definition.type)
            return task.isScheduled && (type?.isLimitedByReach ?? true)
        }
        return Set(limited.map(\.id))
    }

    /// - Parameter what: is done, for the audit trail.
    /// - Throws: `reachExceeded`.
    func check(_ change: ProspectiveChange, for what: String) async throws {
        guard case .devices = principal.reach else { return }
        let limited = tasks
        guard !limited.isEmpty else { return }
        let asked = change.conditions.subtracting(services.backend.administration.installedConditions)
        let installed = try await services.store.devices(holding: asked)
        let devices = services.backend.newcomers(to: limited, by: change, installed: installed)
        guard !devices.isEmpty else { return }
        let claim = ReachClaim(devices, reach: principal.reach)
        let excess = try await services.store.claimReach(claim, for: what, principal: principal.audit, now: services.now())
        if let excess { throw Problem.reachExceeded(excess) }
    }

    /// The rules of both kinds as they are to be.
    func check(_ rules: [DeviceRule]) async throws {
        try await check(
            ProspectiveChange(
                administration: { $0.setRules(rules) }, conditions: StandingRule.installedConditions(of: rules)),
            for: "changing rules")
    }

    func changing(_ selection: SelectionID, to expression: DeviceExpression) async throws {
        try await check(
            ProspectiveChange(
                administration: { $0.setTasks { $0.setSelection(selection, expression) } },
                conditions: expression.installedConditions),
            for: "selection \(selection)")
    }

    /// A change of groups that the store is to refuse brings nothing to anybody.
    func changingGroups(_ change: (inout GroupTree) throws(GroupTree.Refusal) -> Void) async throws {
        var tree = services.backend.administration.tree
        do { try change(&tree) } catch { return }
        let groups = tree.all
        try await check(ProspectiveChange(administration: { $0.setTree(groups) }), for: "changing groups")
    }
}
