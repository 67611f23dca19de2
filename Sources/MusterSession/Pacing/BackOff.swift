package import MusterModel

/// When an agent tries again after a connection that did not do what it was for. Full jitter: anywhere from nothing to the ceiling, and
/// the ceiling doubles, so that a thousand agents that lost one server do not come back in step.
package struct BackOff: Sendable {
    package struct Range: Hashable, Sendable {
        package var first: Duration
        package var most: Duration

        package init(first: Duration, most: Duration) {
            self.first = first
            self.most = most
        }
    }

    /// Not reached, or lost: 1 s to 60 s.
    package static let unreachable = Range(first: .seconds(1), most: .seconds(60))
    /// Reached, and not authorized: 10 s to 1 h; a person has to act first.
    package static let refused = Range(first: .seconds(10), most: .hours(1))

    /// Removed from the server, which was somebody's will: an hour, and up to a tenth more.
    package static let removed = Duration.hours(1)

    /// Settings that an application did not take: 1 min to 1 h. No server is spared by it, but the application, and the log.
    package static let applying = Range(first: .minutes(1), most: .hours(1))

    package private(set) var attempts = 0

    package init() {}

    package mutating func succeeded() { attempts = 0 }

    /// - Parameters:
    ///   - told: what the server's Goodbye asked for; kept to, with up to a tenth more so that those told the same spread.
    ///   - generator: the jitter.
    package mutating func failed(
        _ reason: CloseReason, told: Duration?, using generator: inout some RandomNumberGenerator
    ) -> Duration {
        if let told, told > .zero {
            attempts += 1
            let bounded = min(told, .hours(24))
            return bounded + bounded * Double.random(in: 0...0.1, using: &generator)
        }
        if reason == .deviceDeleted {
            attempts += 1
            return Self.removed + Self.removed * Double.random(in: 0...0.1, using: &generator)
        }
        let ceiling = nextCeiling(reason.wantsAPerson ? Self.refused : Self.unreachable)
        let least = reason.wantsAPerson ? ceiling / 2 : .zero
        return least + (ceiling - least) * Double.random(in: 0...1, using: &generator)
    }

    /// Something on this device alone failed: no jitter, so that people can tell when it is tried again.
    package mutating func failed(in range: Range) -> Duration { nextCeiling(range) }

    private mutating func nextCeiling(_ range: Range) -> Duration {
        attempts += 1
        return min(range.most, range.first * (1 << min(attempts - 1, 16)))
    }
}

extension CloseReason {
    /// The same try again soon is no use.
    package var wantsAPerson: Bool {
        switch self {
        case .noCertificate, .unknownCertificate, .certificateExpired, .certificateSuperseded, .deviceDeleted, .deviceRevoked,
            .serverKeyMismatch, .cloneSuspected, .tokenUnknown, .tokenExpired, .tokenUsedUp, .tokenRevoked,
            .badCertificateRequest,
            .unsupportedVersion, .noApplicationProtocol, .malformedFrame, .oversizeFrame, .unexpectedMessage, .secondHello,
            .malformedDocument, .documentTooLarge, .eventsOutOfOrder,
            // Again and again, a wrong password may lock an account.
            .proxyRefused:
            true
        default: false
        }
    }
}
