import Glibc
import MusterStore
import NIOCore

/// What keeps the server from being set up or started, for the person who started it.
package struct ServerError: Error, CustomStringConvertible {
    package enum Code: String, Sendable {
        case alreadyInitialized, notInitialized, alreadyRunning, damaged, badSetting, listening, file, database
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

extension ServerError {
    /// An address or a port that cannot be listened on.
    /// - Parameters:
    ///   - what: `agents on TCP`.
    ///   - option: the flag that chooses another port.
    static func cannotListen(_ what: String, host: String, port: Int, option: String, _ error: any Error) -> Self {
        let why = ErrorWords.text(of: error)
        return Self(.listening, "cannot listen for \(what) \(host):\(port) (--listen, \(option)): \(why)")
    }

    /// The database cannot be used.
    init(using location: DatabaseLocation, _ error: StoreError) {
        let what = "the database \(location.place) cannot be used: \(error.reason)"
        switch error.code {
        case .io, .damaged, .statement: self.init(.database, "\(what). Restore it from a copy; nothing was changed")
        case .full: self.init(.database, "\(what). Make room on its disk")
        case .unavailable: self.init(.database, "\(what). Does its server run, and is server.json right about it?")
        default: self.init(.database, what)
        }
    }
}
