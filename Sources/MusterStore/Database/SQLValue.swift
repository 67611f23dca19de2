import MusterModel

/// A parameter of a statement. The type is known even when there is no value: PostgreSQL asks for it.
///
/// Text loses U+0000, which PostgreSQL does not store: it becomes U+FFFD in both databases.
package enum SQLValue: Sendable {
    case integer(Int64?)
    case real(Double?)
    case text(String?)
    case bytes([UInt8]?)

    static func id<Entity>(_ id: EntityID<Entity>) -> Self { .bytes(id.bytes) }
    static func id<Entity>(_ id: EntityID<Entity>?) -> Self { .bytes(id?.bytes) }
    static func time(_ time: Timestamp) -> Self { .integer(time.milliseconds) }
    static func time(_ time: Timestamp?) -> Self { .integer(time?.milliseconds) }
    static func fingerprint(_ fingerprint: Fingerprint) -> Self { .bytes(fingerprint.bytes) }
    static func flag(_ value: Bool) -> Self { .integer(value ? 1 : 0) }
    /// Unsigned numbers keep their bits: equality holds, order does not past 2^63.
    static func unsigned(_ value: UInt64) -> Self { .integer(Int64(bitPattern: value)) }
    static func count(_ value: Int) -> Self { .integer(Int64(value)) }

    /// `text` as it may be stored.
    static func storable(_ text: String) -> String {
        guard text.utf8.contains(0) else { return text }
        return String(String.UnicodeScalarView(text.unicodeScalars.map { $0.value == 0 ? "\u{fffd}" : $0 }))
    }
}
