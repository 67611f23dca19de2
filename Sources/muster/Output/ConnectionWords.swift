import MusterAPI
import MusterModel

// Codes about connections as sentences. What this program does not know is shown by its code.

extension ConnectionStateEntry {
    /// `refused: the certificate expired`.
    var words: String {
        let state = ConnectionState(code: code)?.words ?? code
        return reason.map { "\(state): \(ReasonWords.text($0))" } ?? state
    }
}

extension RefusalEntry {
    /// `2026-11-24 14:30:00Z from 192.0.2.1: the certificate expired (3 times since 2026-11-24 10:00:00Z)`.
    var words: String {
        let times = count > 1 ? " (\(count) times since \(Shown.time(first)))" : ""
        let detail = text.isEmpty ? "" : "; \(text)"
        return "\(Shown.time(last)) from \(address): \(ReasonWords.text(reason))\(times)\(detail)"
    }
}

extension ConnectionEntry {
    private static let causes = [
        "interval": "it was due", "start": "the agent started", "event": "an event", "manual": "asked for on the device",
        "change": "something changed", "retry": "another try", "renewed": "a new certificate", "request": "a connection request",
        "unknown": Shown.nothing,
    ]

    var causeWords: String { Self.causes[cause] ?? cause }

    var endWords: String {
        guard let reason else { return Shown.nothing }
        let words = ReasonWords.text(reason)
        let detail = text.isEmpty ? words : "\(words): \(text)"
        return kind == .refusal ? "refused: \(detail)" : detail
    }
}

enum ReasonWords {
    static func text(_ code: String) -> String { CloseReason(code: code)?.words ?? code }
}
