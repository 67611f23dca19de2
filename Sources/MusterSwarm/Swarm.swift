import MusterAgent
import MusterModel
package import MusterTrust

/// A fleet against a server: enrols whoever is not yet enrolled, lets all synchronize, then measures.
package struct Swarm: Sendable {
    /// How long sessions and events get to finish after the measured time.
    private static let patience = Duration.seconds(30)
    /// Enrolments and first synchronizations may take twice what their rates make, and this.
    private static let slack = Duration.seconds(60)
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
        let result = try await measure(fleet, enrolling: devices.count { $0.identity == nil })
        if let path = options.stateDirectory {
            try FleetRoster.kept(try await fleet.devices(), seed: seed, with: kept).write(path)
        }
        try await fleet.shutDown()
        return result
    }

    private func measure(_ fleet: Fleet, enrolling: Int) async throws -> RunResult {
        try await begin(fleet)
        await warmUp(fleet, enrolling: enrolling)
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
        _ = try await fleet.forEach { loop, _ in loop.raising?.stop() }
        await finish(fleet)
        _ = try await fleet.forEach { loop, _ in loop.stop() }
        let devices = try await fleet.devices()
        return RunResult(
            options: options, before: before, measured: try await fleet.takeTally(), elapsed: elapsed,
            enrolled: devices.count { $0.identity != nil }, synchronized: devices.count { $0.isSynchronized },
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

    private func warmUp(_ fleet: Fleet, enrolling: Int) async {
        let expected = Double(enrolling) / options.enrolmentsPerSecond + Double(fleet.count) / options.returnsPerSecond
        var said = ContinuousClock.now
        await wait(until: .seconds(expected * 2) + Self.slack) {
            let ready = try await fleet.sum { $0.devices.count { $0.isSynchronized } }
            if said.duration(to: .now) > Self.progress || ready == fleet.count {
                said = .now
                say("\(ready) of \(fleet.count) devices are synchronized")
            }
            return ready == fleet.count
        }
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
                loop, rate: options.eventsPerSecond / Double(loops), seed: options.seed &+ UInt64(position))
            loop.raising = raising
            raising.run()
        }
    }

    private func finish(_ fleet: Fleet) async {
        await wait(until: Self.patience) {
            try await fleet.sum { $0.openSessions + $0.devices.reduce(0) { $0 + $1.unacknowledgedEvents } } == 0
        }
    }

    /// Asks twice a second; a cancelled run waits for nothing.
    private func wait(until limit: Duration, _ isDone: () async throws -> Bool) async {
        let clock = ContinuousClock()
        let deadline = clock.now + limit
        while !Task.isCancelled, clock.now < deadline {
            if (try? await isDone()) ?? true { return }
            try? await Task.sleep(for: .milliseconds(500))
        }
    }
}
