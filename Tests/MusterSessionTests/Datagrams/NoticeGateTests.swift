import MusterModel
import MusterTrust
import MusterWire
import Testing

@testable import MusterSession

@Suite("A shutdown notice at the server")
struct NoticeGateTests {
    private let key = PrivateKey.generate()
    private let stranger = PrivateKey.generate()
    private var gate = NoticeGate(now: noon)

    /// The device connected a minute before noon in run 7 and sent notice 100 in it.
    private let sender: NoticeGate.Sender

    init() {
        sender = .init(keys: [Digest(keyID: key.pin)], runID: 7, lastConnection: noon - .minutes(1), lastCounter: 100)
    }

    private func notice(
        counter: UInt64 = 101, reason: UInt8 = 1, time: Timestamp = noon, runID: UInt64 = 7, id: DeviceID = device(),
        key: PrivateKey? = nil, kind: Datagram.Kind = .shutdownNotice
    ) throws -> [UInt8] {
        let key = key ?? self.key
        return try Datagram(
            kind: kind, reason: reason, keyID: Digest(keyID: key.pin), device: id, counter: counter, time: time, runID: runID
        ).signed(with: key)
    }

    /// What becomes of it before its signature is looked at; nil when it is looked at.
    private mutating func drop(_ bytes: [UInt8], now: Timestamp = noon, sender: NoticeGate.Sender?) -> NoticeOutcome? {
        guard case .dropped(let outcome) = gate.received(bytes, now: now, sender: { $0 == device() ? sender : nil }) else {
            return nil
        }
        return outcome
    }

    /// All the way.
    private mutating func take(_ bytes: [UInt8], now: Timestamp = noon, sender: NoticeGate.Sender?) -> NoticeOutcome {
        switch gate.received(bytes, now: now, sender: { $0 == device() ? sender : nil }) {
        case .dropped(let outcome): return outcome
        case .checkSignature(let notice):
            let isValid = key.publicKey.isValid(signature: notice.signature, for: notice.datagram.signedPart)
            return gate.checked(notice, isValid: isValid, sender: sender)
        }
    }

    @Test("is believed", arguments: AbsenceNotice.Kind.allCases)
    mutating func valid(kind: AbsenceNotice.Kind) throws {
        guard
            case .checkSignature(let notice) = gate.received(
                try notice(reason: kind.rawValue), now: noon, sender: { [sender] _ in sender })
        else {
            Issue.record("it was dropped")
            return
        }
        #expect(notice.kind == kind && notice.datagram.device == device())
        #expect(gate.checked(notice, isValid: true, sender: sender) == .valid)
    }

    @Test("comes three times and counts once, whether the copies come before the check or after it")
    mutating func copies() throws {
        let bytes = try notice()
        #expect(take(bytes, sender: sender) == .valid)
        var later = sender
        later.lastCounter = 101
        #expect(drop(bytes, sender: later) == .copy)
        guard case .checkSignature(let early) = gate.received(bytes, now: noon, sender: { [sender] _ in sender }) else {
            Issue.record("it was dropped")
            return
        }
        #expect(gate.checked(early, isValid: true, sender: later) == .copy)
        #expect(take(try notice(counter: 102), sender: later) == .valid)
    }

    @Test("of another form is malformed")
    mutating func malformed() throws {
        let good = try notice()
        for count in [0, 135] { #expect(drop(Array(good.prefix(count)), sender: sender) == .malformed) }
        #expect(drop(good + [0], sender: sender) == .malformed)
        #expect(drop(try notice(kind: .connectionRequest), sender: sender) == .malformed)
        for reason in [0, 5, 255] as [UInt8] { #expect(drop(try notice(reason: reason), sender: sender) == .malformed) }
        #expect(take(good, sender: sender) == .valid)
    }

    @Test("of a device or key that is not known is unknown")
    mutating func unknown() throws {
        #expect(drop(try notice(id: device(2)), sender: sender) == .unknownDevice)
        #expect(drop(try notice(), sender: nil) == .unknownDevice)
        #expect(drop(try notice(key: stranger), sender: sender) == .unknownDevice)
    }

    @Test("of another run, an earlier counter or from before the last connection is old")
    mutating func old() throws {
        #expect(drop(try notice(runID: 8), sender: sender) == .old)
        #expect(drop(try notice(counter: 99), sender: sender) == .old)
        let before = noon - .minutes(1) - NoticeGate.timeTolerance
        #expect(drop(try notice(time: before - .milliseconds(1)), sender: sender) == .old)
        #expect(take(try notice(time: before), sender: sender) == .valid)
        var neverHere = sender
        neverHere.runID = nil
        #expect(drop(try notice(), sender: neverHere) == .old)
        #expect(take(try notice(time: Timestamp(milliseconds: .max)), sender: sender) == .valid)
        #expect(drop(try notice(time: Timestamp(milliseconds: .min)), sender: sender) == .old)
    }

    @Test("with a wrong signature is told so, and stands in nobody's way")
    mutating func badSignature() throws {
        var forged = try notice()
        forged[100] ^= 1
        #expect(take(forged, sender: sender) == .badSignature)
        #expect(take(try notice(), sender: sender) == .valid)
    }

    @Test("a device has 5 checks a second, at and past it")
    mutating func perDevice() throws {
        var forged = try notice()
        forged[100] ^= 1
        for _ in 1...5 { #expect(take(forged, sender: sender) == .badSignature) }
        #expect(take(forged, sender: sender) == .flooded)
        #expect(take(forged, now: noon + .milliseconds(199), sender: sender) == .flooded)
        #expect(take(forged, now: noon + .milliseconds(400), sender: sender) == .badSignature)
    }

    @Test("8,192 may wait, no more")
    mutating func inAll() throws {
        var waiting: [NoticeGate.Notice] = []
        let bytes = try (0..<8193 as Range<UInt64>).map { try notice(id: device($0)) }
        for one in bytes.dropLast() {
            guard case .checkSignature(let notice) = gate.received(one, now: noon, sender: { [sender] _ in sender }) else {
                continue
            }
            waiting.append(notice)
        }
        #expect(waiting.count == NoticeGate.burst)
        let last = try #require(bytes.last)
        let early = gate.received(last, now: noon, sender: { [sender] _ in sender })
        let later = gate.received(last, now: noon + .seconds(1), sender: { [sender] _ in sender })
        #expect(early == .dropped(.flooded) && later == .dropped(.flooded))
        let first = try #require(waiting.first)
        #expect(gate.checked(first, isValid: true, sender: sender) == .valid)
        guard case .checkSignature = gate.received(last, now: noon + .seconds(2), sender: { [sender] _ in sender }) else {
            Issue.record("it was dropped though another was checked")
            return
        }
    }
}
