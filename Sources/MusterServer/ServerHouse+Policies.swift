import MusterAPI
import MusterModel
import MusterStore

extension ServerHouse: PolicyBackend {
    var administration: Administration { context.directory.administration }

    func seal(_ secret: String) -> SecretValue? { secrets.seal(secret) }

    /// What its profiles begin to ask of inventories is looked up first.
    func policyChanged(_ policy: Policy) async throws {
        let asked = StandingPolicy(policy).installedConditions.subtracting(context.directory.installedConditions)
        let installed = try await store.devices(holding: asked)
        follow(context.directory.policyChanged(policy, installed: installed, now: context.now()))
    }

    func policyRemoved(_ id: PolicyID) { follow(context.directory.policyRemoved(id, now: context.now())) }

    func manifestsChanged() async throws {
        let number = manifestReadings.begin()
        let catalogue = try await ApplicationCatalogue(store)
        let consequences = manifestReadings.finish(number) {
            context.directory.catalogueChanged(catalogue, now: context.now())
        }
        if let consequences { follow(consequences) }
    }

    func dryRun(_ policy: Policy) -> PolicyDryRun { context.directory.dryRun(policy, now: context.now()) }

    func deliveries(of policy: PolicyID) -> [DeviceDelivery] { context.directory.deliveries(of: policy) }

    func management(of device: DeviceID) -> DeviceManagement? { context.directory.management(of: device) }

    func overview(since: Timestamp) -> Overview { context.directory.overview(since: since, now: context.now()) }

    /// Tells open sessions, and asks devices that are away to connect where they can be asked.
    func follow(_ consequences: DeviceDirectory.Consequences) {
        for change in consequences.told { change.tell() }
        for device in consequences.away { context.actions.reachOnce(device) }
    }
}
