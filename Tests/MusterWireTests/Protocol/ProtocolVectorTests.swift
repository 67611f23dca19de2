import FoundationEssentials
import MusterModel
import MusterTestKit
import MusterTrust
import SwiftProtobuf
import Testing

@testable import MusterWire

/// The bytes that docs/protocol.md gives to other implementers are those this code makes and reads.
@Suite("The test vectors of docs/protocol.md")
struct ProtocolVectorTests {
    private let page: MarkdownFile
    private let vectors: [String: [UInt8]]

    init() throws {
        page = try MarkdownFile("docs/protocol.md")
        vectors = Dictionary(
            uniqueKeysWithValues: try page.rows(under: "Test vectors").map { row in
                (try #require(row[0].code), try #require(row[1].code.flatMap(Hexadecimal.bytes)))
            })
    }

    private func vector(_ name: String) throws -> [UInt8] { try #require(vectors[name]) }

    @Test("are what the code makes, and none is left out")
    func made() throws {
        let made = try documents().merging(frames()) { $1 }.merging(secrets()) { $1 }
        for (name, bytes) in made { #expect(vectors[name] == bytes, "\(name) is \(Hexadecimal.text(bytes))") }
        #expect(Set(vectors.keys) == Set(made.keys))
    }

    private static let bash = InstalledApplication(
        source: "dpkg", name: "bash", version: "5.2.15-2+b7", architecture: "amd64", size: 7_163_904)
    private static let hello = InstalledApplication(source: "dpkg", name: "hello", version: "2.10-3", architecture: "amd64")
    private static let wheel = InstalledApplication(source: "python", name: "wheel", version: "0.38.4")

    private func documents() throws -> [String: [UInt8]] {
        let system = Document(facts: [
            "agent-version": .text("0.1.0"), "host-name": .text("web-1"), "os/name": .text("Debian"), "os/version": .text("12"),
        ])
        let before = Document(installed: [Self.bash, Self.hello, Self.wheel])
        var newer = Self.bash
        newer.version = "5.2.15-2+b8"
        let curl = InstalledApplication(source: "dpkg", name: "curl", version: "7.88.1-10", architecture: "amd64")
        let after = Document(installed: [newer, curl, Self.wheel])
        let item = Document.Item(Self.bash)
        return [
            "fact.text": try fact(.text("web-1")), "fact.integer": try fact(.integer(900)),
            "fact.negative": try fact(.integer(-3)),
            "system": system.body, "system.digest": system.digest.bytes,
            "installed.key": item.key, "installed.value": item.value,
            "installed.a": before.body, "installed.a.digest": before.digest.bytes,
            "installed.a.deflated": try deflated(before),
            "installed.b": after.body, "installed.b.digest": after.digest.bytes,
            "installed.patch": DocumentPatch(from: before, to: after).body,
            "root.none": Digest(root: [:]).bytes,
            "root.reported": Digest(root: [.system: system.digest, .installed: before.digest]).bytes,
        ]
    }

    private func fact(_ value: Document.FactValue) throws -> [UInt8] {
        try #require(Document(facts: ["name": value]).items().first).value
    }

    /// Makers of deflated bytes differ; what matters is that these inflate to the document.
    private func deflated(_ document: Document) throws -> [UInt8] {
        let bytes = try vector("installed.a.deflated")
        #expect(try Deflate.inflated(bytes, size: document.body.count) == document.body)
        return bytes
    }

    private func frames() throws -> [String: [UInt8]] {
        var ping = Muster_V1_Ping()
        ping.id = 1
        return [
            "frame.ping": try framed(.ping(ping)), "frame.hello": try framed(.hello(hello())),
            "events.batch": try batch().serializedBytes(), "events.gap": try gap().serializedBytes(),
        ]
    }

    private func framed(_ body: Muster_V1_Frame.OneOf_Body) throws -> [UInt8] {
        let bytes: [UInt8] = try Muster_V1_Frame(body).serializedBytes()
        var framed: [UInt8] = []
        framed.append(counted: bytes)
        return framed
    }

    private func hello() -> Muster_V1_Hello {
        var hello = Muster_V1_Hello()
        hello.version = ProtocolVersion.major
        hello.agentVersion = "0.1.0"
        hello.features = FeatureSet(documents: [.system, .installed, .hardware, .agent]).message
        hello.runID = 0x0102_0304_0506_0708
        hello.bootID = .init((0..<16).map { UInt8($0) })
        hello.reason = .start
        hello.reportedRoot = .init(Digest(root: [:]).bytes)
        hello.heldRoot = .init(Digest(root: [:]).bytes)
        hello.events.epoch = Self.epoch
        hello.events.firstHeld = 1
        hello.events.next = 1
        hello.time = noon.milliseconds
        return hello
    }

    private static let epoch: UInt64 = 0x1112_1314_1516_1718
    private static let stamp: UInt64 = 0x2122_2324_2526_2728

    private func batch() -> Muster_V1_EventBatch {
        let event = DeviceEvent(
            type: EventType.applicationInstalled, severity: .info, occurred: noon, parameters: ["name": .text("hello")],
            text: "hello 2.10-3 (amd64) was installed")
        let place = EventSequence(epoch: Self.epoch, number: 7)
        let numbered = NumberedEvent(
            first: place, stamp: Self.stamp, content: .event(event), formerly: [EventSequence(epoch: 1, number: 3)])
        return Muster_V1_EventBatch([numbered], clockOffset: .milliseconds(-250))
    }

    private func gap() -> Muster_V1_EventBatch {
        let gap = EventGap(counts: [.info: 12], from: noon, to: noon + .minutes(1))
        let place = EventSequence(epoch: Self.epoch, number: 8)
        let numbered = NumberedEvent(first: place, count: 12, stamp: Self.stamp, content: .gap(gap))
        return Muster_V1_EventBatch([numbered], clockOffset: .zero)
    }

    private func secrets() throws -> [String: [UInt8]] {
        let token = EnrolmentTokenText(
            id: try #require(try EnrolmentTokenID(bytes: vector("token.id"))),
            secret: try #require(TokenSecret(bytes: (0..<32).map { UInt8($0) })))
        #expect(page.text.contains("`\(token.text)`"))
        let key = try PublicKey(der: vector("key.public"))
        return [
            "token.id": token.id.bytes, "token.secret": token.secret.bytes, "token.hash": token.hash.bytes,
            "key.public": key.der, "key.pin": key.pin.bytes, "datagram": try datagram(signedBy: key),
        ]
    }

    /// A signature is another each time; this one must be right.
    private func datagram(signedBy key: PublicKey) throws -> [UInt8] {
        let (parsed, signature) = try Datagram.parse(vector("datagram"))
        let device = try #require(DeviceID("6a5d0c1e-2f3b-4a4c-8d9e-fedcba987654"))
        let made = Datagram(
            kind: .connectionRequest, reason: 0, keyID: Digest(truncating: key.pin.bytes), device: device,
            counter: UInt64(noon.milliseconds), time: noon, runID: 0x0102_0304_0506_0708)
        #expect(parsed == made && key.isValid(signature: signature, for: made.signedPart))
        return made.signedPart + signature
    }
}
