package import MusterModel
package import MusterWire

extension Muster_V1_Goodbye {
    /// - Parameter retryAfter: nil: as the receiver's own back-off says.
    package init(_ reason: CloseReason, retryAfter: Duration?, text: String) {
        self.init()
        self.reason = reason.rawValue
        self.retryAfter = UInt64(max(0, retryAfter?.milliseconds ?? 0))
        self.text = text
    }
}
