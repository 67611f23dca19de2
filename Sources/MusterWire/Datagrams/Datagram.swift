package import MusterModel

/// The one datagram there is, 136 bytes, all numbers big-endian:
///
/// | offset | bytes | |
/// |---|---|---|
/// | 0 | 4 | magic `MUS1` |
/// | 4 | 1 | type: 1 connection request (server → device UDP 15000), 2 shutdown notice (device → server UDP 13000) |
/// | 5 | 1 | reason |
/// | 6 | 2 | zero |
/// | 8 | 16 | key id: first 16 bytes of the pin of the key that signed |
/// | 24 | 16 | device id |
/// | 40 | 8 | counter |
/// | 48 | 8 | time, ms since 1970 |
/// | 56 | 8 | run id |
/// | 64 | 8 | zero |
/// | 72 | 64 | signature over the 72 bytes before: P-256 ECDSA with SHA-256, r ‖ s |
package struct Datagram: Hashable, Sendable {
    package enum Kind: UInt8, Hashable, Sendable {
        case connectionRequest = 1
        case shutdownNotice = 2
    }

    package static let bytes = 136
    package static let signedBytes = 72
    private static let magic = Array("MUS1".utf8)

    package var kind: Kind
    package var reason: UInt8
    package var keyID: Digest
    package var device: DeviceID
    package var counter: UInt64
    package var time: Timestamp
    package var runID: UInt64

    package init(
        kind: Kind, reason: UInt8, keyID: Digest, device: DeviceID, counter: UInt64, time: Timestamp, runID: UInt64
    ) {
        self.kind = kind
        self.reason = reason
        self.keyID = keyID
        self.device = device
        self.counter = counter
        self.time = time
        self.runID = runID
    }

    /// The first 72 bytes: what is signed.
    package var signedPart: [UInt8] {
        var bytes = Self.magic + [kind.rawValue, reason, 0, 0] + keyID.bytes + device.bytes
        bytes.append(bigEndian: counter)
        bytes.append(bigEndian: UInt64(bitPattern: time.milliseconds))
        bytes.append(bigEndian: runID)
        bytes.append(bigEndian: UInt64(0))
        return bytes
    }

    /// Looks at the form alone; whether the signature is right is the receiver's to check, after everything cheaper.
    package static func parse(_ bytes: [UInt8]) throws(WireError) -> (datagram: Datagram, signature: [UInt8]) {
        guard bytes.count == Self.bytes else { throw .malformedDatagram("\(bytes.count) bytes, \(Self.bytes) are expected") }
        var reader = ByteReader(bytes)
        guard reader.readBytes(4).map(Array.init) == magic else { throw .malformedDatagram("not a datagram of this protocol") }
        guard let kind = reader.readByte().flatMap(Kind.init(rawValue:)), let reason = reader.readByte(),
            reader.readInteger(UInt16.self) == 0,
            let keyID = reader.readBytes(16).flatMap({ Digest(bytes: $0) }),
            let device = reader.readBytes(16).flatMap({ DeviceID(bytes: $0) }),
            let counter = reader.readInteger(UInt64.self), let time = reader.readInteger(UInt64.self),
            let runID = reader.readInteger(UInt64.self), reader.readInteger(UInt64.self) == 0,
            let signature = reader.readBytes(64)
        else { throw .malformedDatagram("a field is not known") }
        let datagram = Datagram(
            kind: kind, reason: reason, keyID: keyID, device: device, counter: counter,
            time: Timestamp(milliseconds: Int64(bitPattern: time)), runID: runID)
        return (datagram, Array(signature))
    }
}
