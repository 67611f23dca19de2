import FoundationEssentials
import MusterModel

/// Which server, which token, and what the server's key must be. Each comes from the option, else the environment, else the
/// configuration file.
struct ClientConfiguration: Sendable, Equatable {
    var server: APIAddress
    var token: String
    /// One of these must be the SHA-256 of the server's public key; empty: the system's trust decides.
    var pins: [Fingerprint]
    var patience = Patience()

    /// How long is waited: ten seconds are past any usable network, and a follower hears a heartbeat every 15 s.
    struct Patience: Sendable, Equatable {
        /// For TCP, and as long again for TLS.
        var connecting = Duration.seconds(10)
        /// Without a byte from the server.
        var silence = Duration.seconds(60)
    }

    /// The same for whoever has only so much time.
    func waiting(atMost time: Duration) -> Self {
        var configuration = self
        configuration.patience = Patience(
            connecting: min(patience.connecting, time), silence: min(patience.silence, time))
        return configuration
    }

    /// The same three, before any is looked at.
    struct Texts: Equatable, Sendable {
        var server: String?
        var tokenFile: String?
        var pin: String?

        init(server: String? = nil, tokenFile: String? = nil, pin: String? = nil) {
            self.server = server
            self.tokenFile = tokenFile
            self.pin = pin
        }

        /// MUSTER_SERVER, MUSTER_TOKEN_FILE, MUSTER_PIN; an empty one counts as not set.
        init(environment: [String: String]) {
            let value = { (name: String) in environment[name].flatMap { $0.isEmpty ? nil : $0 } }
            self.init(server: value("MUSTER_SERVER"), tokenFile: value("MUSTER_TOKEN_FILE"), pin: value("MUSTER_PIN"))
        }

        /// These, and where they are silent the others.
        func orElse(_ other: Texts) -> Texts {
            Texts(server: server ?? other.server, tokenFile: tokenFile ?? other.tokenFile, pin: pin ?? other.pin)
        }
    }

    /// - Parameter read: gives the text of a file, or throws why not.
    init(_ texts: Texts, read: (String) throws -> String) throws(CommandError) {
        guard let serverText = texts.server else {
            throw .configuration(
                "No server is given.",
                advice: "Use --server HOST[:PORT], MUSTER_SERVER, or 'server' in \(ConfigurationFile.shownPath).")
        }
        guard let server = APIAddress(serverText) else {
            throw .configuration(
                "'\(TerminalText.escaped(serverText))' is not an address of a server: HOST or HOST:PORT is expected.")
        }
        self.server = server
        pins = try Self.pins(texts.pin)
        token = try Self.token(texts.tokenFile, read: read)
    }

    private static func pins(_ text: String?) throws(CommandError) -> [Fingerprint] {
        guard let text else { return [] }
        var pins: [Fingerprint] = []
        for part in text.split(whereSeparator: { $0 == "," || $0.isWhitespace }) {
            guard let pin = Fingerprint(String(part)) else {
                throw .configuration(
                    "'\(TerminalText.escaped(String(part)))' is not a server key fingerprint: 64 hexadecimal digits are expected."
                )
            }
            pins.append(pin)
        }
        // An empty pin must never come to mean "any certificate the system trusts".
        guard !pins.isEmpty else { throw .configuration("The pin given is empty: 64 hexadecimal digits are expected.") }
        return pins
    }

    private static func token(_ path: String?, read: (String) throws -> String) throws(CommandError) -> String {
        guard let path else {
            throw .configuration(
                "No API token is given.",
                advice: "Use --token-file FILE, MUSTER_TOKEN_FILE, or 'tokenFile' in \(ConfigurationFile.shownPath). "
                    + "'muster-server init' writes the first one to admin.token in its data directory, 'muster-server admin-token' another."
            )
        }
        let text: String
        do { text = try read(path) } catch { throw .configuration("The token file '\(path)' cannot be read: \(error).") }
        let token = text.filter { !$0.isWhitespace }
        guard token.hasPrefix("muster_"), token.utf8.allSatisfy({ (0x21...0x7e).contains($0) }), token.utf8.count <= 256 else {
            throw .configuration("The file '\(path)' holds no API token: it would begin with 'muster_'.")
        }
        return token
    }
}
