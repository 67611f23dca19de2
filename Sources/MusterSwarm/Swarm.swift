import MusterAgent
import MusterModel
package import MusterTrust

/// A fleet against a server: enrols whoever is not yet enrolled, lets all synchronize, then measures.
package struct Swarm: Sendable {
    /// How long sessions and events get to finish after the measured time.
    private static let patience = Duration.seconds(30)
    /// Enrolments and first synchronizations take what they take; when for so long none was complete, no more are expected.
    private static let standstill = Duration.seconds(60)
    /// Between lines that say how far it is.
    private static let progress = Duration.seconds(10)

    private let connector: DeviceConnector
    private let token: EnrolmentTokenText?
    private let options: RunOptions
    private let say: @Sendable (String) -> Void

    /// - Parameter say: progress, for people.
    package init(
        connector: DeviceConnector, token: EnrolmentTokenText?, options: RunOptions, say: @escaping @Sendable (String) -> Void
    ) {
        self.connector = connector
        self.token = token
        self.options = options
        self.say = say
    }

    /// Cancelled, it stops where it is and says what there was till then.
    package func run() async throws -> RunResult {
        let kept = try options.stateDirectory.map { path throws(SwarmError) in try KeptFleet.read(path) } ?? nil
        let seed = kept?.seed ?? options.seed
        let devices = try FleetRoster.devices(options.devices, kept: kept, interval: options.interval, seed: seed)
        guard token != nil || devices.allSatisfy({ $0.identity != nil }) else {
            throw SwarmError(.badOption, "--token-file is missing: not all devices are enrolled yet")
        }
        let fleet = Fleet(devices, connector: connector, documents: FleetDocuments(seed: seed), token: token)
        let result = try await measure(fleet)
        if let path = options.stateDirectory {
            try FleetRoster.kept(try await fleet.devices(), seed: seed, with: kept).write(path)
        }
        try await fleet.shutDown()
        return result
    }

    private func measure(_ fleet: Fleet) async throws -> RunResult {
        try await begin(fleet)
        let ready = await warmUp(fleet)
        let before = try await fleet.takeTally()
        let clock = ContinuousClock()
        let began = clock.now
        if !Task.isCancelled {
            try await schedule(fleet)
            say("measuring for \(options.duration.text)")
            try? await Task.sleep(for: options.duration)
        }
        let elapsed = clock.now - began
        let isInterrupted = Task.isCancelled
        _ = try await fleet.forEach { loop, _ in loop.end() }
        await finish(fleet)
        _ = try await fleet.forEach { loop, _ in loop.stop() }
        let devices = try await fleet.devices()
        return RunResult(
            options: options, before: before, measured: try await fleet.takeTally(), elapsed: elapsed,
            enrolled: devices.count { $0.identity != nil }, ready: ready, synchronized: devices.count { $0.isSynchronized },
            unacknowledged: devices.reduce(0) { $0 + $1.unacknowledgedEvents }, isInterrupted: isInterrupted)
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

    /// - Returns: how many devices have synchronized.
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

    /// Each device has its own moment in the interval from here on.
    private func schedule(_ fleet: Fleet) async throws {
        let (options, count, loops) = (options, fleet.count, fleet.loops)
        _ = try await fleet.forEach { loop, position in
            let now = loop.now
            if let interval = options.interval {
                for slot in loop.devices.indices {
                    var order = SimulatedDevice.Order.none
                    loop.update(slot) { device in
                        order = device.scheduled(due: now + interval * device.index / count, now: now)
                    }
                    loop.perform(order, slot)
                }
            }
            guard options.eventsPerSecond > 0 else { return }
            let raising = EventRaising(
                loop, rate: options.eventsPerSecond / Double(loops), burst: options.eventsAtOnce,
                seed: options.seed &+ UInt64(position))
            loop.raising = raising
            raising.run()
        }
    }

    /// Twice a second it looks whether all is done; a cancelled run waits for nothing.
    private func finish(_ fleet: Fleet) async {
        let clock = ContinuousClock()
        let deadline = clock.now + Self.patience
        while !Task.isCancelled, clock.now < deadline {
            let open = try? await fleet.sum { $0.openConnections + $0.devices.reduce(0) { $0 + $1.unacknowledgedEvents } }
            if open == 0 { return }
            try? await Task.sleep(for: .milliseconds(500))
        }
    }
}
