import MusterModel
import MusterTrust

/// Brings the devices of a fleet into being, lets something be done with them, and keeps them for the next time.
struct FleetVisit: Sendable {
    let connector: DeviceConnector
    let token: EnrolmentTokenText?
    let options: RunOptions

    func run<Value: Sendable>(_ body: @Sendable (Fleet) async throws -> Value) async throws -> Value {
        var kept = try options.stateDirectory.map { path throws(SwarmError) in try KeptFleet.read(path) } ?? nil
        if options.reportsOtherLists { kept = kept?.withOtherLists() }
        let seed = kept?.seed ?? options.seed
        let devices = try FleetRoster.devices(
            options.devices, first: options.first, kept: kept, interval: options.interval, seed: seed)
        let packages = options.packages ?? kept?.packages
        let hasServices = options.hasServices || kept?.services ?? false
        let documents = FleetDocuments(
            seed: seed, packages: packages, udpPort: options.udpPort, hasServices: hasServices)
        let isOtherTable = packages != kept?.packages
        guard token != nil || devices.allSatisfy({ $0.identity != nil }) else {
            throw SwarmError(.badOption, "--token-file is missing: not all devices are enrolled yet")
        }
        let fleet = Fleet(
            devices.map { $0.reporting(documents, lists: isOtherTable) }, connector: connector, documents: documents, token: token
        )
        let requests = try await RequestPort.open(options.udpPort, for: fleet)
        let result = try await body(fleet)
        await requests?.close()
        if let path = options.stateDirectory {
            var next = FleetRoster.kept(try await fleet.devices(), seed: seed, packages: packages, with: kept)
            next.services = hasServices
            try next.write(path)
        }
        try await fleet.shutDown()
        return result
    }
}
