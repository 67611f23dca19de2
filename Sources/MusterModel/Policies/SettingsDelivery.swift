/// How far the settings of one application have come to one device.
package enum SettingsDelivery: Hashable, Sendable {
    /// The device has no such application, or its agent is too old to say. One that said why it cannot apply them has failed.
    case notSupported
    /// It does not hold them yet.
    case pending
    /// It holds them and has not said what became of them.
    case delivered
    case applied
    /// The last good ones are in force.
    case failed(code: String, text: String)

    package static let codes = ["not-supported", "pending", "delivered", "applied", "failed"]

    package var code: String {
        switch self {
        case .notSupported: "not-supported"
        case .pending: "pending"
        case .delivered: "delivered"
        case .applied: "applied"
        case .failed: "failed"
        }
    }

    /// - Parameters:
    ///   - desired: the digest of what the device is to have in force of the application.
    ///   - isHeld: it holds the document with it.
    ///   - report: what it said last of the application; nil: it has none.
    package init(desired: Digest, isHeld: Bool, report: ApplicationReport?) {
        if let report, report.settings == desired, case .failed(let code, let text) = report.outcome {
            self = .failed(code: code, text: text)
            return
        }
        guard let report, report.state != .notInstalled else {
            self = .notSupported
            return
        }
        guard report.settings == desired else {
            self = isHeld ? .delivered : .pending
            return
        }
        switch report.outcome {
        case .none: self = isHeld ? .delivered : .pending
        case .applied: self = .applied
        case .failed(let code, let text): self = .failed(code: code, text: text)
        }
    }
}
