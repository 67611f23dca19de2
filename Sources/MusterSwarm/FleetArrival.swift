import MusterModel

/// How the devices of a fleet come: those not enrolled enrol, and each synchronizes once.
struct FleetArrival: Sendable {
    /// Enrolments and first synchronizations take what they take; when for so long none was complete, no more are expected.
    private static let standstill = Duration.seconds(60)
    /// Between lines that say how far it is.
    private static let progress = Duration.seconds(10)

    let options: RunOptions
    let say: @Sendable (String) -> Void

    /// - Returns: how many devices have synchronized.
    func run(_ fleet: Fleet) async throws -> Int {
        try await begin(fleet)
        return await warmUp(fleet)
    }

    /// Those not enrolled come one after the other at the rate of enrolments, the rest at the rate of returns.
    private func begin(_ fleet: Fleet) async throws {
        let options = options
        let loops = Double(fleet.loops)
        _ = try await fleet.forEach { loop, position in
            var (enrolments, returns) = (Double(position), Double(position))
            for slot in loop.devices.indices {
                let isEnrolled = loop.devices[slot].identity != nil
                let due = isEnrolled ? returns / options.returnsPerSecond : enrolments / options.enrolmentsPerSecond
                if isEnrolled { returns += loops } else { enrolments += loops }
                var order = SimulatedDevice.Order.none
                loop.update(slot) { order = $0.started(due: .seconds(due), now: .zero) }
                loop.perform(order, slot)
            }
        }
    }

    private func warmUp(_ fleet: Fleet) async -> Int {
        let clock = ContinuousClock()
        var (ready, changed, said) = (0, clock.now, clock.now)
        while !Task.isCancelled, ready < fleet.count, clock.now - changed < Self.standstill {
            try? await Task.sleep(for: .milliseconds(500))
            let now = (try? await fleet.sum { $0.devices.count { $0.isSynchronized } }) ?? ready
            if now > ready { (ready, changed) = (now, clock.now) }
            if clock.now - said > Self.progress || ready == fleet.count {
                said = clock.now
                say("\(ready) of \(fleet.count) devices are synchronized")
            }
        }
        return ready
    }
}
