import MusterAPI
import MusterModel
import MusterStore
import MusterWire

/// Devices that are given tasks which are limited by reach and begin by themselves, because somebody moves, tags or renames them, changes groups,
/// rules or what a selection gives, or accepts a manifest: counted against the reach of who does, before it is done.
///
/// What is counted stays counted when the change then fails, or the server ends before it is made: that errs on the safe side. Nothing may come
/// between counting and the change's being in force: whoever asks does so within `ChangeTurn`.
struct ReachGuard: Sendable {
    let services: APIServices
    let principal: Principal

    /// Tasks of that kind. - Parameter manifest: is to be accepted; what it says of its tasks counts too.
    private func tasks(with manifest: ApplicationManifest?) -> Set<TaskID> {
        let limited = services.backend.administration.tasks.all.values.filter { task in
            let (application, type) = (task.definition.application, task.definition.type)
            let isLimited = manifest?.id == application && manifest?.task(type)?.isLimitedByReach ?? false
            return task.isScheduled && (isLimited || services.isLimitedByReach(application.description, type))
        }
        return Set(limited.map(\.id))
    }

    /// - Parameter what: is done, for the audit trail.
    /// - Throws: `reachExceeded`.
    func check(_ change: ProspectiveChange, of manifest: ApplicationManifest? = nil, for what: String) async throws {
        guard case .devices = principal.reach else { return }
        let limited = tasks(with: manifest)
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

    func accepting(_ manifest: ExternalManifest) async throws {
        let accepted = ApplicationCatalogue.Accepted(digest: manifest.digest, manifest: manifest.manifest)
        try await check(
            ProspectiveChange(administration: { $0.setCatalogue($0.catalogue.accepting(accepted)) }), of: manifest.manifest,
            for: "manifest \(manifest.digest)")
    }

    /// A change of groups that the store is to refuse brings nothing to anybody.
    func changingGroups(_ change: (inout GroupTree) throws(GroupTree.Refusal) -> Void) async throws {
        var tree = services.backend.administration.tree
        do { try change(&tree) } catch { return }
        let groups = tree.all
        try await check(ProspectiveChange(administration: { $0.setTree(groups) }), for: "changing groups")
    }
}
