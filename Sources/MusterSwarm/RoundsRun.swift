import MusterModel
import NIOCore

/// So many synchronizations or bare handshakes of a kept fleet, a fixed number at a time: what the server's CPU per connection is
/// measured with.
package struct RoundsRun: Sendable {
    package enum Kind: String, Sendable { case synchronizations, handshakes, hangUps }

    package struct Result: Sendable {
        package var kind: Kind
        package var asked: Int
        package var tally: Tally
        package var elapsed: Duration
        package var problems: [String]
    }

    private let connector: DeviceConnector
    private let kind: Kind
    private let count: Int
    private let concurrency: Int
    private let stateDirectory: String

    package init(connector: DeviceConnector, kind: Kind, count: Int, concurrency: Int, stateDirectory: String) {
        self.connector = connector
        self.kind = kind
        self.count = count
        self.concurrency = concurrency
        self.stateDirectory = stateDirectory
    }

    package func run() async throws -> Result {
        let kept = try KeptFleet.read(stateDirectory)
        let seed = kept?.seed ?? 0
        let devices = try FleetRoster.devices(nil, kept: kept, interval: nil, seed: seed).filter { $0.identity != nil }
        let documents = FleetDocuments(seed: seed, hasServices: kept?.services ?? false)
        let fleet = Fleet(devices, connector: connector, documents: documents, token: nil)
        let clock = ContinuousClock()
        let began = clock.now
        let (kind, count, concurrency) = (kind, count, concurrency)
        let loops = fleet.loops
        try await fleet.untilAll { loop, position in
            Rounds(loop, kind: kind, count: count / loops + (position < count % loops ? 1 : 0))
                .run(concurrency: max(1, concurrency / loops))
        }
        let elapsed = clock.now - began
        let tally = try await fleet.takeTally()
        var next = FleetRoster.kept(try await fleet.devices(), seed: seed, packages: kept?.packages, with: kept)
        next.services = kept?.services
        try next.write(stateDirectory)
        try await fleet.shutDown()
        return Result(kind: kind, asked: count, tally: tally, elapsed: elapsed, problems: problems(tally))
    }

    private func problems(_ tally: Tally) -> [String] {
        var problems = tally.errors.sorted { $0.key.rawValue < $1.key.rawValue }.map { reason, count in
            "\(count) × \(reason.code), first: \(tally.errorTexts[reason] ?? "")"
        }
        if kind == .synchronizations, tally.unchanged != count {
            problems.append("\(count - tally.unchanged) of \(count) synchronizations were not complete or moved something")
        }
        return problems
    }
}
