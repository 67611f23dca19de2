package import MusterModel

/// Bytes from the other side that are not what the protocol says. Ends one connection, by `closeReason`.
package struct WireError: Error, Hashable, Sendable, CustomStringConvertible {
    package enum Code: String, Hashable, Sendable {
        case oversizeFrame, malformedFrame
        case malformedDocument, documentTooLarge, digestMismatch
        case malformedEvent, eventsOutOfOrder, malformedDatagram
    }

    package let code: Code
    /// For people: what was wrong.
    package let reason: String

    package static func oversizeFrame(_ length: Int, limit: Int) -> Self {
        Self(code: .oversizeFrame, reason: "a frame of \(length) bytes; at most \(limit) are allowed here")
    }

    package static func malformedFrame(_ reason: String) -> Self { Self(code: .malformedFrame, reason: reason) }
    package static func malformedDocument(_ reason: String) -> Self { Self(code: .malformedDocument, reason: reason) }
    package static func documentTooLarge(_ reason: String) -> Self { Self(code: .documentTooLarge, reason: reason) }
    package static func malformedEvent(_ reason: String) -> Self { Self(code: .malformedEvent, reason: reason) }
    package static func eventsOutOfOrder(_ reason: String) -> Self { Self(code: .eventsOutOfOrder, reason: reason) }
    package static func malformedDatagram(_ reason: String) -> Self { Self(code: .malformedDatagram, reason: reason) }

    package static func digestMismatch(announced: Digest, found: Digest) -> Self {
        Self(code: .digestMismatch, reason: "the document's digest is \(found), announced was \(announced)")
    }

    package var closeReason: CloseReason {
        switch code {
        case .oversizeFrame: .oversizeFrame
        case .malformedFrame, .malformedEvent, .malformedDatagram: .malformedFrame
        case .eventsOutOfOrder: .eventsOutOfOrder
        case .malformedDocument, .digestMismatch: .malformedDocument
        case .documentTooLarge: .documentTooLarge
        }
    }

    package var description: String { "\(code.rawValue): \(reason)" }
}
