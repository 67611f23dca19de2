/// The decoders that read what strangers send, each with what must hold for any bytes whatever: it never traps, and what it takes it
/// gives back the same. `muster-fuzz` runs them under libFuzzer, a unit test over the committed inputs.
package enum FuzzTarget: String, CaseIterable, Sendable {
    /// A stream of bytes cut into frames.
    case frames
    /// One protobuf message and what is made of it.
    case messages
    /// Documents, patches, and what inflates to them.
    case documents
    /// UDP datagrams.
    case datagrams
    /// Device expressions.
    case expressions
    /// Files of time zone rules.
    case zones
    /// Schedules of tasks, as text.
    case schedules
    /// What connectors of others say: JSON, and manifests in it.
    case manifests

    /// - Throws: `PropertyViolation` when something that must hold does not. Refusing the input is no violation.
    package func run(_ bytes: [UInt8]) throws(PropertyViolation) {
        switch self {
        case .frames: try FrameProperties.check(bytes)
        case .messages: try MessageProperties.check(bytes)
        case .documents: try DocumentProperties.check(bytes)
        case .datagrams: try DatagramProperties.check(bytes)
        case .expressions: try ExpressionProperties.check(bytes)
        case .zones: try ZoneProperties.check(bytes)
        case .schedules: try ScheduleProperties.check(bytes)
        case .manifests: try ManifestProperties.check(bytes)
        }
    }
}

/// What a fuzz target found wrong, other than a trap.
package struct PropertyViolation: Error, Hashable, Sendable, CustomStringConvertible {
    package let description: String
}

/// What must hold for any input.
func expect(_ holds: Bool, _ what: @autoclosure () -> String) throws(PropertyViolation) {
    guard holds else { throw PropertyViolation(description: what()) }
}
