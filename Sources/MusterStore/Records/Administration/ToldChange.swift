/// What came of a change an administrator made to a device, which an event tells.
package enum ToldChange: Hashable, Sendable {
    case noDevice
    /// There was nothing to change, and nothing is told.
    case unchanged
    /// With the position of the event.
    case changed(position: Int64)
}
