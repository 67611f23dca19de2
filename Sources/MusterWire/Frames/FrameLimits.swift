/// How long a frame may be.
package enum FrameLimits {
    /// The length in front of each frame: u32, big-endian.
    package static let prefixBytes = 4
    /// Before the other side is known: an enrolment's certificate request (4 KiB at most) and a Hello with its digests fit.
    package static let beforeAuthorization = 8 * 1024
    /// In a session: a chunk of 8 KiB, or a batch with the largest event, with room to spare.
    package static let inSession = 16 * 1024
    /// What leaves in one write: larger ones make TLS touch memory that stays touched (237 KB for 64 KiB).
    package static let pieceBytes = 4 * 1024
}
