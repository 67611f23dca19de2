import FoundationEssentials
import MusterModel
import NIOCore
import Testing

@testable import MusterWire

/// Valid bytes, changed at random: whatever comes in, a decoder answers or throws. A trap would end the whole test run.
@Suite("Damaged bytes never trap")
struct MutationTests {
    private static let rounds = 5000

    /// One of each message, filled.
    static func frames(_ generator: inout Seeded) throws -> [Muster_V1_Frame] {
        var hello = Muster_V1_Hello()
        hello.version = 1
        hello.agentVersion = "1.0"
        hello.features = FeatureSet.own.message
        hello.reportedRoot = .init(Document.empty.digest.bytes)
        hello.heldRoot = hello.reportedRoot
        hello.events.epoch = generator.next()
        hello.events.next = 12
        var welcome = Muster_V1_Welcome()
        welcome.time = noon.milliseconds
        welcome.plan.coming = [32]
        let outgoing = OutgoingDocument(generator.document(items: 0...200), named: .installed, basis: generator.document())
        var event = NumberedEvent(
            first: EventSequence(epoch: 1, number: 5), stamp: 6,
            content: .event(
                DeviceEvent(type: "a.b", severity: .error, occurred: noon, parameters: ["n": .duration(.seconds(1))], text: "ü")))
        event.formerly = [EventSequence(epoch: 3, number: 4)]
        let gap = NumberedEvent(
            first: EventSequence(epoch: 1, number: 6), count: 9, stamp: 7,
            content: .gap(EventGap(counts: [.info: 9], from: noon, to: noon)))
        var chunks = chunks(of: outgoing)[...]
        return [
            Muster_V1_Frame(.hello(hello)), Muster_V1_Frame(.welcome(welcome)), Muster_V1_Frame(.document(outgoing.head)),
            Muster_V1_Frame(.chunk(chunks.popFirst() ?? Muster_V1_DocumentChunk())),
            Muster_V1_Frame(.events(Muster_V1_EventBatch([event, gap], clockOffset: .seconds(-4)))),
            Muster_V1_Frame(.goodbye(Muster_V1_Goodbye())),
        ]
    }

    @Test("frames, and what is made of their messages", arguments: 0..<4 as Range<UInt64>)
    func frames(seed: UInt64) throws {
        var generator = Seeded(seed)
        let codec = FrameCodec(limit: FrameLimits.inSession)
        for _ in 0..<Self.rounds / 6 {
            for frame in try Self.frames(&generator) {
                let valid = Array(try FrameCodecTests.encoded(frame).readableBytesView)
                // Half of the rounds the length stays right, so that the message itself is damaged.
                var bytes = generator.mutated(Bool.random(using: &generator) ? valid : Array(valid.dropFirst(4)))
                if bytes.count < valid.count - 3 || bytes.prefix(4) != valid.prefix(4) {
                    var counted: [UInt8] = []
                    counted.append(counted: bytes)
                    bytes = counted
                }
                var buffer = ByteBuffer(bytes: bytes)
                do throws(WireError) {
                    while let frame = try codec.nextFrame(from: &buffer) { try Self.use(frame) }
                } catch {
                    #expect(!error.reason.isEmpty)
                }
            }
        }
    }

    private static func use(_ frame: Muster_V1_Frame) throws(WireError) {
        switch frame.body {
        case .events(let batch): for event in try batch.numberedEvents() { _ = (event.last, event.encodedBytes) }
        case .document(let head): _ = try IncomingDocument(head: head).memory
        case .hello(let hello): _ = FeatureSet(hello.features)
        default: break
        }
    }

    @Test("documents and what is read from them", arguments: 0..<4 as Range<UInt64>)
    func documents(seed: UInt64) {
        var generator = Seeded(seed)
        let application = InstalledApplication(source: "dpkg", name: "bash", version: "5", architecture: "amd64", size: 9)
        for _ in 0..<Self.rounds {
            let valid =
                switch Int.random(in: 0...2, using: &generator) {
                case 0: generator.document()
                case 1: Document(installed: [application])
                default: Document(facts: ["a": .integer(4), "b": .text("x")])
                }
            guard let document = try? Document(encoded: generator.mutated(valid.body)) else { continue }
            _ = document.facts()
            _ = try? document.installedApplications()
            #expect(Document(sorting: document.items()).body == document.body)
        }
    }

    @Test("patches", arguments: 0..<4 as Range<UInt64>)
    func patches(seed: UInt64) {
        var generator = Seeded(seed)
        for _ in 0..<Self.rounds {
            let old = generator.document()
            let valid = DocumentPatch(from: old, to: generator.document())
            guard let patch = try? DocumentPatch(encoded: generator.mutated(valid.body)) else { continue }
            #expect((try? DocumentPatch(encoded: patch.body))?.operations == patch.operations)
            guard let result = try? patch.applied(to: old) else { continue }
            #expect(Document(sorting: result.items()).body == result.body)
        }
    }

    @Test("deflated bytes", arguments: 0..<4 as Range<UInt64>)
    func deflated(seed: UInt64) throws {
        var generator = Seeded(seed)
        for _ in 0..<Self.rounds / 5 {
            let text = generator.bytes(1...300) + [UInt8](repeating: 3, count: 400)
            let bytes = generator.mutated(try #require(Deflate.deflated(text)))
            let size = Bool.random(using: &generator) ? text.count : Int.random(in: 1...2000, using: &generator)
            if let inflated = try? Deflate.inflated(bytes, size: size) { #expect(inflated.count == size) }
        }
    }

    @Test("datagrams", arguments: 0..<4 as Range<UInt64>)
    func datagrams(seed: UInt64) {
        var generator = Seeded(seed)
        let valid = Datagram(
            kind: .shutdownNotice, reason: 1, keyID: Document.empty.digest, device: device(), counter: 7, time: noon, runID: 9)
        for _ in 0..<Self.rounds {
            let bytes = generator.mutated(valid.signedPart + [UInt8](repeating: 1, count: 64))
            guard let (datagram, signature) = try? Datagram.parse(bytes) else { continue }
            #expect(datagram.signedPart + signature == bytes)
        }
        for _ in 0..<Self.rounds { _ = try? Datagram.parse(generator.bytes(0...200)) }
    }

    @Test("garbage", arguments: 0..<4 as Range<UInt64>)
    func garbage(seed: UInt64) {
        var generator = Seeded(seed)
        for _ in 0..<Self.rounds {
            let bytes = generator.bytes(0...80)
            _ = try? Document(encoded: bytes)
            _ = try? DocumentPatch(encoded: bytes).applied(to: .empty)
            _ = try? Deflate.inflated(bytes, size: 100)
            var buffer = ByteBuffer(bytes: [0, 0, 0] + bytes)
            _ = try? FrameCodec().nextFrame(from: &buffer)
        }
    }
}
