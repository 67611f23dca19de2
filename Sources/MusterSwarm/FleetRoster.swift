import MusterModel

/// Who belongs to a fleet: the devices kept from an earlier run, and new ones up to the number asked for.
package enum FleetRoster {
    /// - Parameters:
    ///   - count: nil: those that are kept, all of them.
    ///   - first: the number of the first; each of several processes has devices of its own.
    package static func devices(
        _ count: Int?, first: Int = 0, kept: KeptFleet?, interval: Duration?, seed: UInt64
    ) throws(SwarmError) -> [SimulatedDevice] {
        var known: [Int: KeptFleet.Device] = [:]
        for device in kept?.devices ?? [] { known[device.index] = device }
        let count = count ?? (known.keys.max().map { $0 + 1 - first } ?? 0)
        guard count > 0 else { throw SwarmError(.badState, "there are no devices: muster-swarm run --state-dir … enrols some") }
        return (first..<first + count).map { index in
            let device = known[index]
            // As each agent process does: drawn anew.
            let runID = UInt64.random(in: 1 ... .max)
            let facts = device?.facts(runID: runID) ?? SessionFacts(runID: runID, reported: [:])
            return SimulatedDevice(
                index: index, identity: device?.identity, facts: facts, interval: interval, seed: .random(in: .min ... .max))
        }
    }

    /// What is kept for the next run: these devices, and those of the last that did not take part.
    package static func kept(
        _ devices: [SimulatedDevice], seed: UInt64, packages: Int? = nil, with last: KeptFleet?
    ) -> KeptFleet {
        var fleet = KeptFleet(seed: seed)
        fleet.packages = packages
        fleet.devices = devices.compactMap(KeptFleet.Device.init)
        let taken = Set(devices.map(\.index))
        fleet.devices += (last?.devices ?? []).filter { !taken.contains($0.index) }
        return fleet
    }
}
