import MusterAPI
import MusterModel

/// Why a command ended without doing its work: what was wrong, and what to do. Printed on standard error; the exit code is 1.
struct CommandError: Error, CustomStringConvertible {
    enum Code: String, Sendable {
        case configuration, unreachable, untrustedServer, disconnected, protocolViolation, refused, ambiguous, notFound,
            impossible,
            output, readerGone
    }

    let code: Code
    let reason: String
    /// What the administrator can do about it; nil when the reason says it.
    let advice: String?
    /// What the server answered, when it was the server that refused.
    let problem: Problem?

    private init(_ code: Code, _ reason: String, advice: String? = nil, problem: Problem? = nil) {
        self.code = code
        self.reason = reason
        self.advice = advice
        self.problem = problem
    }

    var description: String { [reason, advice].compactMap(\.self).joined(separator: "\n") }

    static func configuration(_ reason: String, advice: String? = nil) -> Self { Self(.configuration, reason, advice: advice) }

    static func unreachable(_ server: APIAddress, _ why: String) -> Self {
        Self(
            .unreachable, "The server at \(server) cannot be reached: \(why).",
            advice:
                "Check the address (--server or MUSTER_SERVER), that the server runs, and that TCP port \(server.port) is open.")
    }

    static func pinMismatch(_ server: APIAddress, seen: String) -> Self {
        Self(
            .untrustedServer, "The server at \(server) has another key than the one pinned; nothing was sent to it.",
            advice:
                "Its server key fingerprint is \(seen). If that is what the file api.pin in the server's data directory says, "
                + "give it with --pin; otherwise someone may be answering in its place.")
    }

    static func untrusted(_ server: APIAddress, _ why: String) -> Self {
        Self(
            .untrustedServer, "The certificate of the server at \(server) is not trusted here (\(why)); nothing was sent to it.",
            advice:
                "Give the server key fingerprint with --pin or MUSTER_PIN; the server keeps it in the file api.pin in its data directory."
        )
    }

    static func disconnected(_ server: APIAddress, _ why: String) -> Self {
        Self(.disconnected, "The connection to \(server) ended before the answer was complete: \(why).")
    }

    static func notMuster(_ server: APIAddress, _ why: String) -> Self {
        Self(
            .protocolViolation, "What answers at \(server) does not answer as a Muster server does: \(why).",
            advice:
                "Check that the address and the port are those of the HTTPS API (13299 unless set otherwise), and that server and program "
                + "are of one version.")
    }

    /// - Parameter path: what was asked, to say by its options what was wrong.
    static func refused(_ server: APIAddress, _ problem: Problem, at path: String) -> Self {
        Self(.refused, Self.text(of: problem, from: server, at: path), advice: advice(for: problem), problem: problem)
    }

    /// - Parameter candidates: the first of them.
    static func ambiguous(_ what: String, _ kind: String, candidates: [String], of count: Int) -> Self {
        let more = count > candidates.count ? ["  and \(count - candidates.count) more"] : []
        return Self(
            .ambiguous,
            "'\(what)' fits \(count) \(kind):\n" + (candidates.map { "  " + $0 } + more).joined(separator: "\n"),
            advice: "Give the id, or enough of its beginning.")
    }

    static func notFound(_ what: String, _ words: ReferenceWords, isNamed: Bool, _ server: APIAddress) -> Self {
        Self(
            .notFound, "No \(words.one) at \(server) has the \(isNamed ? "name or id" : "id") '\(what)'.",
            advice: "'\(words.list)' shows them.")
    }

    static func referenceTooShort(_ what: String, _ words: ReferenceWords, isNamed: Bool, _ server: APIAddress) -> Self {
        let least = "the beginning of an id has \(ReferenceLimit.shortestPrefix) characters or more"
        let name = isNamed ? "No \(words.one) at \(server) has the name '\(what)', and" : "'\(what)' is too short:"
        return Self(.notFound, "\(name) \(least).", advice: "'\(words.list)' shows them.")
    }

    /// Something the command was told of is not there.
    static func notThere(_ reason: String, advice: String? = nil) -> Self { Self(.notFound, reason, advice: advice) }

    /// What was asked for cannot be with what there is; the server was not asked to.
    static func impossible(_ reason: String, advice: String? = nil) -> Self { Self(.impossible, reason, advice: advice) }

    /// As the server refused it, in the words of the command that was given.
    static func refused(_ problem: Problem?, _ reason: String, advice: String?) -> Self {
        Self(.refused, reason, advice: advice, problem: problem)
    }

    /// With devices called as they were typed, where the server calls them by their ids.
    func naming(_ devices: [(id: DeviceID, typed: String)]) -> CommandError {
        var reason = reason
        for device in devices where device.typed != device.id.description {
            reason = reason.replacing(device.id.description, with: "'\(TerminalText.escaped(device.typed))'")
        }
        return CommandError(code, reason, advice: advice, problem: problem)
    }

    static func file(_ path: String, _ why: String) -> Self { Self(.output, "\(path) cannot be written: \(why).") }

    /// Whoever read the output has closed it; nothing is said of it.
    static let readerGone = Self(.readerGone, "The output's reader has gone.")

    static func output(_ why: String) -> Self { Self(.output, "The output cannot be written: \(why).") }

    private static func text(of problem: Problem, from server: APIAddress, at path: String) -> String {
        // What names the API's members says less than the options that follow.
        let head =
            switch problem.knownCode {
            case .bodyInvalid where problem.errors != nil, .parametersInvalid, .headerInvalid:
                "The server at \(server) does not take this:"
            case .revisionMismatch:
                "The server at \(server) refused: it was changed meanwhile. Look at it again and decide anew. (\(problem.code))"
            default: "The server at \(server) refused: \(problem.detail) (\(problem.code), \(problem.status))"
            }
        let fields = (problem.errors ?? []).map { error in
            let allowed = error.allowed.map { " (allowed: \(OptionWords.allowed($0, for: error.field)))" } ?? ""
            return "  \(OptionWords.option(for: error.field, at: path)): \(error.detail)\(allowed)"
        }
        return TerminalText.escapedLines(([head] + fields).joined(separator: "\n"))
    }

    private static func advice(for problem: Problem) -> String? {
        switch problem.knownCode {
        case .tokenMissing, .tokenInvalid, .tokenExpired, .tokenRevoked:
            """
            Check the API token (--token-file or MUSTER_TOKEN_FILE). An administrator makes one with 'muster api-tokens create'; when none is \
            good any more, 'muster-server admin-token' makes one on the server.
            """
        case .roleInsufficient: "Use a token with the role this needs."
        case .routeUnknown, .methodNotAllowed:
            "The server may be of another version than this program: compare 'muster --version' with 'muster server status'."
        default: nil
        }
    }
}
