import FoundationEssentials
import MusterFuzz
import MusterModel
import MusterTrust
import MusterWire
import NIOCore
import SwiftProtobuf

/// The inputs fuzzing starts from: small valid ones of every kind, so that it need not find the formats first.
enum Seeds {
    /// By target, then by file name.
    static func all() throws -> [FuzzTarget: [String: [UInt8]]] {
        [
            .frames: try frames(), .messages: try messages().mapValues { try $0.serializedBytes() },
            .documents: try documents(), .datagrams: try datagrams(), .expressions: expressions(),
            .zones: zones(), .schedules: schedules(), .manifests: manifests(),
        ]
    }

    static let device = DeviceID(bytes: (1...16).map { UInt8($0) })
    static let digest = [UInt8](repeating: 0x5a, count: 16)
    static let time = Timestamp(milliseconds: 1_795_530_600_250)

    private static let small = Document(installed: [
        InstalledApplication(source: "dpkg", name: "hello", version: "2.10-3", architecture: "amd64", size: 280_000),
        InstalledApplication(
            source: "dpkg", name: "openssl", version: "3.0.17-1~deb12u2", architecture: "amd64", size: 2_290_000),
        InstalledApplication(source: "python", name: "requests", version: "2.32.3"),
    ])

    private static let larger = Document(
        installed: small.installed
            + (0..<40).map {
                InstalledApplication(
                    source: "dpkg", name: "lib\($0)", version: "1.\($0)-1", architecture: "all", size: UInt64($0) * 1024)
            })

    /// The first byte: how many bytes arrive at once, less one; the second: even before authorization, odd in a session.
    private static func frames() throws -> [String: [UInt8]] {
        var stream = ByteBuffer()
        for (_, frame) in try messages().sorted(by: { $0.key < $1.key }).prefix(6) { try FrameCodec.append(frame, to: &stream) }
        let bytes = Array(stream.readableBytesView)
        return [
            "one-by-one": [0, 0] + bytes, "at-once": [255, 1] + bytes, "cut-short": [9, 0] + bytes.dropLast(3),
            "oversize": [255, 0, 0, 0, 0x20, 1, 1, 2, 3], "empty": [255, 0, 0, 0, 0, 0],
        ]
    }

    /// The first byte chooses what the rest is; see `DocumentProperties`.
    private static func documents() throws -> [String: [UInt8]] {
        func counted(_ bytes: [UInt8]) -> [UInt8] {
            var result: [UInt8] = []
            result.append(counted: bytes)
            return result
        }
        let facts = Document(facts: ["host-name": .text("pc1"), "memory": .integer(8 << 30)])
        let patch = DocumentPatch(from: small, to: larger)
        let plain = Array(small.body)
        let deflated = Deflate.deflated(plain) ?? []
        var outgoing = OutgoingDocument(larger, named: .installed)
        var transfer: [UInt8] = [4] + counted(try outgoing.head.serializedBytes())
        while let chunk = outgoing.nextChunk() { transfer += counted(Array(chunk.data)) }
        return [
            "document": [0] + small.body, "facts": [0] + facts.body, "empty": [0],
            "difference": [1] + counted(small.body) + larger.body, "difference-to-empty": [1] + counted(small.body),
            "patch": [2] + counted(patch.body) + small.body,
            "deflated": [3, UInt8(plain.count >> 8), UInt8(plain.count & 255)] + deflated,
            "transfer": transfer,
        ]
    }

    private static func datagrams() throws -> [String: [UInt8]] {
        let signature = (0..<64).map { UInt8($0) }
        var seeds: [String: [UInt8]] = [:]
        for kind in [Datagram.Kind.connectionRequest, .shutdownNotice] {
            guard let device, let keyID = Digest(bytes: digest) else { continue }
            let datagram = Datagram(kind: kind, reason: 1, keyID: keyID, device: device, counter: 1, time: time, runID: 7)
            seeds["\(kind)"] = datagram.signedPart + signature
        }
        return seeds
    }
}

extension Document {
    fileprivate var installed: [InstalledApplication] { (try? installedApplications()) ?? [] }
}
