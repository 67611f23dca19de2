import MusterModel
import MusterTrust
import MusterWire
import NIOCore
import NIOPosix

/// All devices, spread over the event loops, for those who await.
struct Fleet: Sendable {
    private struct Member: Sendable {
        let eventLoop: any EventLoop
        let box: NIOLoopBoundBox<FleetLoop>
    }

    let count: Int
    private let start = NIODeadline.now()
    private let members: [Member]
    private let group: MultiThreadedEventLoopGroup
    private let pool: NIOThreadPool

    init(_ devices: [SimulatedDevice], connector: DeviceConnector, documents: FleetDocuments, token: EnrolmentTokenText?) {
        group = MultiThreadedEventLoopGroup(numberOfThreads: System.coreCount)
        pool = NIOThreadPool(numberOfThreads: System.coreCount)
        pool.start()
        let loops = Array(group.makeIterator())
        let (start, pool) = (start, pool)
        count = devices.count
        members = loops.enumerated().map { position, eventLoop in
            let share = devices.enumerated().filter { $0.offset % loops.count == position }.map(\.element)
            let loop = FleetLoop(
                eventLoop: eventLoop, connector: connector, documents: documents, token: token, pool: pool, start: start,
                devices: share)
            return Member(eventLoop: eventLoop, box: .makeBoxSendingValue(loop, eventLoop: eventLoop))
        }
    }

    var loops: Int { members.count }

    /// The run's clock.
    var now: Duration { .nanoseconds((NIODeadline.now() - start).nanoseconds) }

    /// Runs `body` with each loop in turn, on that loop.
    func forEach<Value: Sendable>(_ body: @escaping @Sendable (FleetLoop, Int) -> Value) async throws -> [Value] {
        var values: [Value] = []
        for (position, member) in members.enumerated() {
            values.append(try await member.eventLoop.submit { body(member.box.value, position) }.get())
        }
        return values
    }

    /// Runs `body` on each loop soon.
    func tell(_ body: @escaping @Sendable (FleetLoop) -> Void) {
        for member in members { member.eventLoop.execute { body(member.box.value) } }
    }

    /// Runs `body` with all loops at once and waits for what they promise.
    func untilAll(_ body: @escaping @Sendable (FleetLoop, Int) -> EventLoopFuture<Void>) async throws {
        let futures = members.enumerated().map { position, member in
            member.eventLoop.flatSubmit { body(member.box.value, position) }
        }
        for future in futures { try await future.get() }
    }

    /// What was counted since the last time.
    func takeTally() async throws -> Tally {
        try await forEach { loop, _ in
            defer { loop.tally = Tally() }
            return loop.tally
        }.reduce(into: Tally()) { $0.merge($1) }
    }

    func sum(_ count: @escaping @Sendable (FleetLoop) -> Int) async throws -> Int {
        try await forEach { loop, _ in count(loop) }.reduce(0, +)
    }

    func devices() async throws -> [SimulatedDevice] {
        try await forEach { loop, _ in loop.devices }.flatMap { $0 }.sorted { $0.index < $1.index }
    }

    func shutDown() async throws {
        try await pool.shutdownGracefully()
        try await group.shutdownGracefully()
    }
}
