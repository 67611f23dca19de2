import MusterModel
import MusterWire
import NIOCore

@testable import MusterSession

/// A device and its server, and the connection between them: both machines play each other through real frames in bytes. Nothing moves
/// but by the functions here, so that a test decides what happens when.
struct Pair {
    var device: FakeDevice
    var server: FakeServer
    var agent: AgentSession
    var session = ServerSession()
    /// "→ hello" was written by the agent, "← welcome" by the server.
    private(set) var transcript: [String] = []
    private(set) var agentClosed: CloseReason?
    private(set) var serverClosed: CloseReason?
    /// Most bytes of event batches sent and not acknowledged.
    private(set) var mostUnacknowledged = 0
    private(set) var mostBatches = 0
    var finishesWhenSettled = true
    /// Orders not run yet.
    var agentWork: [AgentSession.Action] = []
    var serverWork: [ServerSession.Action] = []
    /// Events that were written wait here as they are stored: nothing is acknowledged while this is true.
    var holdsStoring = false

    private var toServer = ByteBuffer()
    private var toAgent = ByteBuffer()
    private var atServer = ByteBuffer()
    private var atAgent = ByteBuffer()
    private var unacknowledged: [(last: UInt64, bytes: Int)] = []

    init(device: FakeDevice, server: FakeServer) {
        self.device = device
        self.server = server
        agent = AgentSession(device.opening())
    }

    /// A new connection of the same two; whatever was on its way is gone.
    mutating func reconnect() {
        var next = Pair(device: device, server: server)
        next.finishesWhenSettled = finishesWhenSettled
        self = next
    }

    // MARK: One step

    /// Puts the agent's next frame on the wire.
    mutating func agentWrites() throws -> Bool {
        guard let frame = agent.nextFrame() else { return false }
        transcript.append("→ " + line(frame))
        try FrameCodec.append(frame, to: &toServer)
        if case .events(let batch) = frame.body {
            let events = try batch.numberedEvents()
            unacknowledged.append((last: events.last?.last ?? 0, bytes: events.reduce(0) { $0 + $1.encodedBytes }))
            mostUnacknowledged = max(mostUnacknowledged, unacknowledged.reduce(0) { $0 + $1.bytes })
            mostBatches = max(mostBatches, unacknowledged.count)
        }
        return true
    }

    mutating func serverWrites() throws -> Bool {
        guard let frame = session.nextFrame() else { return false }
        transcript.append("← " + line(frame))
        try FrameCodec.append(frame, to: &toAgent)
        return true
    }

    /// Bytes arrive at the server.
    mutating func arriveAtServer(_ count: Int) throws -> Bool {
        guard let bytes = toServer.readSlice(length: min(count, toServer.readableBytes)), bytes.readableBytes > 0 else {
            return false
        }
        atServer.writeImmutableBuffer(bytes)
        while let frame = try FrameCodec(limit: FrameLimits.inSession).nextFrame(from: &atServer) {
            order(session.received(frame))
        }
        return true
    }

    mutating func arriveAtAgent(_ count: Int) throws -> Bool {
        guard let bytes = toAgent.readSlice(length: min(count, toAgent.readableBytes)), bytes.readableBytes > 0 else {
            return false
        }
        atAgent.writeImmutableBuffer(bytes)
        while let frame = try FrameCodec(limit: FrameLimits.inSession).nextFrame(from: &atAgent) {
            if case .eventsStored(let stored) = frame.body { unacknowledged.removeAll { $0.last <= stored.last } }
            order(agent.received(frame))
        }
        return true
    }

    /// Runs the agent's order at `index`.
    mutating func agentWorks(at index: Int = 0) -> Bool {
        guard agentWork.indices.contains(index) else { return false }
        let action = agentWork.remove(at: index)
        order(device.run(action, on: &agent))
        if case .settled = action, finishesWhenSettled { order(agent.finish()) }
        return true
    }

    mutating func serverWorks(at index: Int = 0) -> Bool {
        guard serverWork.indices.contains(index) else { return false }
        if serverClosed == .busy { serverWork.removeAll { if case .storeDocument = $0 { true } else { false } } }
        guard serverWork.indices.contains(index) else { return false }
        if holdsStoring, case .storeEvents = serverWork[index] { return false }
        order(server.run(serverWork.remove(at: index), on: &session))
        return true
    }

    mutating func order(_ actions: [AgentSession.Action]) {
        for case .close(let reason, _, _) in actions { agentClosed = reason }
        agentWork += actions
    }

    mutating func order(_ actions: [ServerSession.Action]) {
        for case .close(let reason, _) in actions { serverClosed = reason }
        serverWork += actions
    }

    // MARK: Until nothing moves

    /// - Parameter piece: how many bytes arrive at once.
    mutating func run(piece: Int = .max) throws {
        var moved = true
        while moved {
            moved = false
            while agentWorks() { moved = true }
            while try agentWrites() { moved = true }
            if try arriveAtServer(piece) { moved = true }
            while serverWorks() { moved = true }
            while try serverWrites() { moved = true }
            if try arriveAtAgent(piece) { moved = true }
        }
    }

    // MARK: What happens on the device

    mutating func raise(_ event: DeviceEvent) {
        device.raise(event)
        order(agent.eventsAppended(next: device.next))
    }

    mutating func change(_ name: DocumentName, _ document: Document) {
        device.reported[name] = document
        order(agent.documentsChanged(device.digests))
    }

    /// Everything is where it should be.
    var isSynchronized: Bool {
        server.reported == device.reported && device.held == server.desired && device.spool.isEmpty
            && device.acknowledged == device.reported && server.positions[device.epoch]?.last ?? 0 == device.next - 1
    }
}
