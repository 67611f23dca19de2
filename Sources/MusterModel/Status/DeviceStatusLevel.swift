/// How it stands with a device altogether; the worse, the greater.
package enum DeviceStatusLevel: String, CaseIterable, Hashable, Comparable, Sendable {
    case ok
    case warning
    case critical
    /// It is served no more, so that nobody knows how it is; it asks for less than any other.
    case revoked

    /// The stable name used in JSON, expressions, logs and metrics.
    package var code: String { rawValue }

    package init?(code: String) { self.init(rawValue: code) }

    private var rank: Int {
        switch self {
        case .revoked: -1
        case .ok: 0
        case .warning: 1
        case .critical: 2
        }
    }

    package static func < (left: Self, right: Self) -> Bool { left.rank < right.rank }
}
