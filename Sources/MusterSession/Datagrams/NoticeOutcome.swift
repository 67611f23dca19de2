/// What became of a datagram that came to the server's UDP port. Nobody is answered: the counts are all there is to see.
package enum NoticeOutcome: String, CaseIterable, Hashable, Sendable {
    case valid
    /// The second or third copy of one that was taken.
    case copy
    /// Not 136 bytes, not a shutdown notice, or a reason that is not known.
    case malformed
    /// No such device, or no certificate of it has the key that is named.
    case unknownDevice = "unknown-device"
    /// Of an agent process that is not the last one, not newer than the last notice, or from before the last connection.
    case old
    case flooded
    case badSignature = "bad-signature"
}
