/// Why bytes are no file of time zone rules that can be used.
package struct ZoneFileError: Error, Hashable, Sendable {
    /// Stable; what tests and metrics look at.
    package enum Code: String, Hashable, Sendable {
        /// It does not begin as such a file does.
        case noZoneFile
        case tooLarge
        case unknownVersion
        case cutShort
        /// Counts leap seconds; this clock does not.
        case leapSeconds
        /// Counts that do not belong together.
        case wrongCount
        case wrongTransition
        case wrongType
        /// The rule for the years after the last transition.
        case wrongFooter
    }

    package let code: Code
    package let reason: String

    private init(_ code: Code, _ reason: String) {
        self.code = code
        self.reason = reason
    }
}

extension ZoneFileError: CustomStringConvertible {
    package var description: String { reason }
}

extension ZoneFileError {
    static let noZoneFile = Self(.noZoneFile, "this is no file of time zone rules: one begins with 'TZif'.")

    static func tooLarge(_ bytes: Int) -> Self {
        Self(
            .tooLarge, "the file has \(bytes) bytes; one of time zone rules has at most \(ZoneRules.maximumBytes).")
    }

    static func unknownVersion(_ byte: UInt8) -> Self {
        Self(.unknownVersion, "the file is of a version with byte \(byte); versions 1 to 4 can be read.")
    }

    static let cutShort = Self(.cutShort, "the file ends before what it says it holds. Install the package tzdata again.")

    static let leapSeconds = Self(
        .leapSeconds,
        "the file counts leap seconds, which the clock of this device does not. Choose the zone without 'right/' before its name."
    )

    static func wrongCount(_ what: String, _ count: Int) -> Self {
        Self(.wrongCount, "the file says it has \(count) \(what), which cannot be.")
    }

    static func wrongTransition(_ index: Int, _ what: String) -> Self {
        Self(.wrongTransition, "transition \(index) of the file \(what).")
    }

    static func wrongType(_ index: Int, _ what: String) -> Self {
        Self(.wrongType, "local time type \(index) of the file \(what).")
    }

    static func wrongFooter(_ text: String, _ what: String) -> Self {
        let shown = text.unicodeScalars.prefix(64).map { $0.isASCII && $0.value >= 32 ? String($0) : "?" }.joined()
        return Self(.wrongFooter, "the rule for later years, '\(shown)', is wrong: \(what).")
    }
}
