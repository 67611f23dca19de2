import MusterModel
import MusterTrust
import MusterWire
import Testing

@testable import MusterSession

@Suite("A connection request at the device")
struct ConnectionRequestGateTests {
    private let server = PrivateKey.generate()
    private let stranger = PrivateKey.generate()
    private let start = ContinuousClock.now
    private var gate: ConnectionRequestGate

    init() {
        gate = ConnectionRequestGate(
            trust: .init(device: device(), serverKey: server.publicKey, pins: [server.pin]), counter: 100)
    }

    /// A request as the server makes it, and what is different about it.
    private func request(
        counter: UInt64 = 101, time: Timestamp = noon, reason: UInt8 = 1, for id: DeviceID = device(), key: PrivateKey? = nil,
        keyID: Digest? = nil, kind: Datagram.Kind = .connectionRequest
    ) throws -> [UInt8] {
        let key = key ?? server
        return try Datagram(
            kind: kind, reason: reason, keyID: keyID ?? Digest(keyID: key.pin), device: id, counter: counter, time: time, runID: 7
        ).signed(with: key)
    }

    private mutating func receive(_ bytes: [UInt8], after: Duration = .zero, serverTime: Timestamp? = noon)
        -> ConnectionRequestGate.Verdict
    { gate.received(bytes, now: start + after, serverTime: serverTime) }

    @Test("makes it connect, once")
    mutating func accepted() throws {
        let first = try request()
        #expect(receive(first) == .accepted(isOneOfMany: false, counter: 101))
        #expect(receive(first) == .dropped(.replayed))
        #expect(receive(first, after: .seconds(1)) == .dropped(.replayed))
        #expect(receive(try request(counter: 102, reason: 2)) == .accepted(isOneOfMany: true, counter: 102))
        #expect(receive(try request(counter: 103, reason: 77)) == .accepted(isOneOfMany: false, counter: 103))
        #expect(gate.counters.received == 5 && gate.counters.accepted == 3 && gate.counters.replayed == 2)
        #expect(gate.counters.signatureChecks == 3)
    }

    @Test("of another length or form is truncated")
    mutating func truncated() throws {
        let good = try request()
        for count in [0, 1, 135] { #expect(receive(Array(good.prefix(count))) == .dropped(.truncated)) }
        #expect(receive(good + [0]) == .dropped(.truncated))
        #expect(receive([0] + good.dropFirst()) == .dropped(.truncated))
        #expect(receive(try request(kind: .shutdownNotice)) == .dropped(.truncated))
        #expect(gate.counters.truncated == 6 && gate.counters.signatureChecks == 0)
        #expect(receive(good) == .accepted(isOneOfMany: false, counter: 101))
    }

    @Test("for another device, or under a key that is not the server's, is foreign")
    mutating func foreign() throws {
        #expect(receive(try request(for: device(2))) == .dropped(.foreign))
        #expect(receive(try request(key: stranger)) == .dropped(.foreign))
        gate.learnt(.init(device: device(), serverKey: nil, pins: [server.pin]))
        #expect(receive(try request()) == .dropped(.foreign))
        // The kept certificate's key is not trusted any more.
        gate.learnt(.init(device: device(), serverKey: server.publicKey, pins: [stranger.pin]))
        #expect(receive(try request()) == .dropped(.foreign))
        // A pin alone is not enough: the copy of the certificate counts.
        gate.learnt(.init(device: device(), serverKey: server.publicKey, pins: [server.pin, stranger.pin]))
        #expect(receive(try request(key: stranger)) == .dropped(.foreign))
        #expect(gate.counters.foreign == 5 && gate.counters.signatureChecks == 0)
        gate.learnt(.init(device: device(), serverKey: stranger.publicKey, pins: [server.pin, stranger.pin]))
        #expect(receive(try request(key: stranger)) == .accepted(isOneOfMany: false, counter: 101))
    }

    @Test("not newer than the last one accepted is replayed")
    mutating func replayed() throws {
        for counter in [0, 99, 100] as [UInt64] { #expect(receive(try request(counter: counter)) == .dropped(.replayed)) }
        #expect(gate.counters.replayed == 3 && gate.counters.signatureChecks == 0)
        #expect(receive(try request(counter: .max)) == .accepted(isOneOfMany: false, counter: .max))
    }

    @Test("with a signature that is not the server's is forged, and changes nothing")
    mutating func forged() throws {
        let forged = try request(counter: .max, key: stranger, keyID: Digest(keyID: server.pin))
        #expect(receive(forged) == .dropped(.forged))
        var changed = try request()
        changed[47] ^= 2
        #expect(receive(changed) == .dropped(.forged))
        #expect(gate.counters.forged == 2 && gate.counters.signatureChecks == 2)
        #expect(receive(try request()) == .accepted(isOneOfMany: false, counter: 101))
    }

    @Test("more than 5 minutes off the server's time is late")
    mutating func late() throws {
        let tolerance = ConnectionRequestGate.timeTolerance
        #expect(receive(try request(time: noon - tolerance - .milliseconds(1))) == .dropped(.late))
        #expect(receive(try request(time: noon + tolerance + .milliseconds(1))) == .dropped(.late))
        #expect(receive(try request(time: Timestamp(milliseconds: .min))) == .dropped(.late))
        #expect(receive(try request(time: Timestamp(milliseconds: .max))) == .dropped(.late))
        #expect(receive(try request(), serverTime: nil) == .dropped(.late))
        #expect(gate.counters.late == 5)
        #expect(receive(try request(time: noon - tolerance)) == .accepted(isOneOfMany: false, counter: 101))
        #expect(receive(try request(counter: 102, time: noon + tolerance)) == .accepted(isOneOfMany: false, counter: 102))
    }

    @Test("a flood costs 10 signature checks in any second")
    mutating func flooded() throws {
        let forged = try request(key: stranger, keyID: Digest(keyID: server.pin))
        // 1,000 a second for 3 seconds.
        for step in 0..<3000 { _ = receive(forged, after: .milliseconds(step)) }
        #expect(gate.counters.signatureChecks == 30 && gate.counters.forged == 30 && gate.counters.flooded == 2970)
        #expect(receive(try request(), after: .milliseconds(2999)) == .dropped(.flooded))
        // The tenth last check was 10 of them ago: at 2.000 s.
        #expect(receive(try request(), after: .milliseconds(3000)) == .accepted(isOneOfMany: false, counter: 101))
    }
}

@Suite("Counters of datagrams")
struct DatagramCounterTests {
    @Test("rise with the clock, and beside it")
    func rise() {
        #expect(Datagram.nextCounter(after: 0, now: noon) == 1_795_530_600_250)
        #expect(Datagram.nextCounter(after: 1_795_530_600_250, now: noon) == 1_795_530_600_251)
        #expect(Datagram.nextCounter(after: 1_795_530_600_251, now: noon - .days(1)) == 1_795_530_600_252)
        #expect(Datagram.nextCounter(after: 5, now: Timestamp(milliseconds: -1)) == 6)
        #expect(Datagram.nextCounter(after: .max, now: noon) == .max)
    }
}
