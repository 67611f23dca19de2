import FoundationEssentials
import MusterModel
package import MusterTrust

/// A restart of the server with permanent connections open: from the moment its ready file is written until the last device is
/// synchronized again, on a new permanent connection. Somebody else stops and starts the server.
package struct RestartRun: Sendable {
    /// Said when the server may be restarted: scripts wait for it.
    package static let invitation = "ready for the restart of the server"
    /// How long devices have, after they synchronized, to be the permanent ones that they are to be.
    private static let permanence = Duration.seconds(30)
    /// Between looks at the ready file; its own time of writing counts.
    private static let look = Duration.milliseconds(20)

    private let connector: DeviceConnector
    private let token: EnrolmentTokenText?
    private let options: RunOptions
    private let readyFile: ReadyFile
    private let patience: Duration
    private let say: @Sendable (String) -> Void

    /// - Parameters:
    ///   - options: `duration` is not used.
    ///   - patience: how long the restart may take to begin, and then the return of all.
    package init(
        connector: DeviceConnector, token: EnrolmentTokenText?, options: RunOptions, readyFile: String, patience: Duration,
        say: @escaping @Sendable (String) -> Void
    ) {
        self.connector = connector
        self.token = token
        self.options = options
        self.readyFile = ReadyFile(readyFile)
        self.patience = patience
        self.say = say
    }

    package func run() async throws -> RestartResult {
        try await FleetVisit(connector: connector, token: token, options: options).run { fleet in try await measure(fleet) }
    }

    private func measure(_ fleet: Fleet) async throws -> RestartResult {
        let synchronized = try await FleetArrival(options: options, say: say).run(fleet)
        await wait(Self.permanence) { try await fleet.sum { $0.devices.count { $0.isPermanent } } == fleet.count }
        let permanent = try await fleet.sum { $0.devices.count { $0.isPermanent } }
        _ = try await fleet.takeTally()
        var result = RestartResult(devices: fleet.count, synchronized: synchronized, permanent: permanent)
        if permanent == fleet.count { try await follow(fleet, &result) }
        result.isInterrupted = Task.isCancelled
        _ = try await fleet.forEach { loop, _ in loop.stop() }
        result.tally = try await fleet.takeTally()
        return result
    }

    private func follow(_ fleet: Fleet, _ result: inout RestartResult) async throws {
        let before = readyFile.written
        _ = try await fleet.forEach { loop, _ in
            for slot in loop.devices.indices { loop.update(slot) { $0.watchReturn() } }
        }
        say(Self.invitation)
        await wait(patience) { readyFile.written.map { $0 != before } ?? false }
        guard let written = readyFile.written, written != before else { return }
        let ready = fleet.now - .seconds(max(0, Date.now.timeIntervalSince(written)))
        result.isRestarted = true
        say("the server is back")
        await wait(patience) { try await fleet.sum { $0.devices.count { $0.isBack } } == fleet.count }
        result.returns = try await fleet.devices().compactMap { device in
            guard case .back(let time) = device.return else { return nil }
            return max(.zero, time - ready)
        }.sorted()
    }

    /// Until it is so, cancelled, or too long.
    private func wait(_ bound: Duration, until condition: () async throws -> Bool) async {
        let clock = ContinuousClock()
        let deadline = clock.now + bound
        while !Task.isCancelled, clock.now < deadline, (try? await condition()) == false {
            try? await Task.sleep(for: Self.look)
        }
    }
}
