/// What keeps the server from being set up or started, for the person who started it.
package struct ServerError: Error, CustomStringConvertible {
    package enum Code: String, Sendable {
        case alreadyInitialized, notInitialized, alreadyRunning, damaged, badSetting, file, database
    }

    package let code: Code
    /// What was wrong and what to do.
    package let reason: String

    package init(_ code: Code, _ reason: String) {
        self.code = code
        self.reason = reason
    }

    package var description: String { reason }
}
