import MusterAgent
import MusterModel
package import MusterTrust

/// A fleet against a server: enrols whoever is not yet enrolled, lets all synchronize, then measures.
package struct Swarm: Sendable {
    /// Begins what is said when the measured time begins: scripts wait for it.
    package static let measuring = "measuring"
    /// How long sessions and events get to finish after the measured time.
    private static let patience = Duration.seconds(30)

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
        try await FleetVisit(connector: connector, token: token, options: options).run { fleet in try await measure(fleet) }
    }

    private func measure(_ fleet: Fleet) async throws -> RunResult {
        let ready = try await FleetArrival(options: options, say: say).run(fleet)
        let before = try await fleet.takeTally()
        let clock = ContinuousClock()
        let began = clock.now
        if !Task.isCancelled {
            try await schedule(fleet)
            say("\(Self.measuring) for \(options.duration.text)")
            try? await Task.sleep(for: options.duration)
        }
        let elapsed = clock.now - began
        let isInterrupted = Task.isCancelled
        _ = try await fleet.forEach { loop, _ in loop.end() }
        await finish(fleet)
        let notices = try await sendNotices(fleet)
        _ = try await fleet.forEach { loop, _ in loop.stop() }
        let devices = try await fleet.devices()
        var measured = try await fleet.takeTally()
        measured.noticesSent = notices
        return RunResult(
            options: options, before: before, measured: measured, elapsed: elapsed,
            enrolled: devices.count { $0.identity != nil }, ready: ready, synchronized: devices.count { $0.isSynchronized },
            permanent: devices.count { $0.isPermanent }, unacknowledged: devices.reduce(0) { $0 + $1.unacknowledgedEvents },
            isInterrupted: isInterrupted)
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
                        order = device.scheduled(due: now + interval * (device.index - options.first) / count, now: now)
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

    /// The power goes; nobody hangs up before.
    private func sendNotices(_ fleet: Fleet) async throws -> Int {
        guard let port = options.noticePort, !Task.isCancelled else { return 0 }
        return try await NoticePost(port: port).send(fleet, to: connector.server)
    }

    /// Twice a second it looks whether all is done; a cancelled run waits for nothing.
    private func finish(_ fleet: Fleet) async {
        let clock = ContinuousClock()
        let deadline = clock.now + Self.patience
        while !Task.isCancelled, clock.now < deadline {
            let open = try? await fleet.sum { $0.busyConnections + $0.devices.reduce(0) { $0 + $1.unacknowledgedEvents } }
            if open == 0 { return }
            try? await Task.sleep(for: .milliseconds(500))
        }
    }
}
