import Crypto
import MusterModel

/// An event's id: the same for ever and on every server that stores it, made from what the event is known by.
/// SHA-256(device ‖ epoch ‖ sequence), with the position behind it for events the server raised itself (sequence 0); shaped as a
/// UUID of version 8 (RFC 9562).
enum EventIdentity {
    static func id(device: DeviceID?, epoch: UInt64, sequence: UInt64, position: Int64) -> EventID {
        var hash = SHA256()
        hash.update(data: device?.bytes ?? [UInt8](repeating: 0, count: 16))
        hash.update(data: bigEndian(epoch))
        hash.update(data: bigEndian(sequence))
        if sequence == 0 { hash.update(data: bigEndian(UInt64(bitPattern: position))) }
        var bytes = Array(hash.finalize().prefix(16))
        bytes[6] = bytes[6] & 0x0f | 0x80
        bytes[8] = bytes[8] & 0x3f | 0x80
        // A digest of 32 bytes always gives 16.
        return EventID(bytes: bytes) ?? .random()
    }

    private static func bigEndian(_ number: UInt64) -> [UInt8] {
        (0..<8).map { UInt8(truncatingIfNeeded: number >> (56 - 8 * $0)) }
    }
}
