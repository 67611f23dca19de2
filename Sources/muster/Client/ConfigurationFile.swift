import FoundationEssentials

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// `~/.config/muster/config.json`: `{"server":"…","tokenFile":"…","pin":"…"}`, every member optional. An unknown member is refused,
/// so that a misspelt `pin` is never taken for none.
enum ConfigurationFile {
    static let shownPath = "~/.config/muster/config.json"
    /// Configuration and token files are tens of bytes; more is a mistaken path.
    static let maximumBytes = 64 * 1024

    static func path(home: String) -> String { home + "/.config/muster/config.json" }

    /// Without a file: nothing set. Relative and `~/` paths of `tokenFile` are taken from the file's directory and the home directory.
    static func load(home: String?) throws(CommandError) -> ClientConfiguration.Texts {
        guard let home else { return .init() }
        let path = path(home: home)
        guard access(path, F_OK) == 0 else { return .init() }
        let text: String
        do { text = try read(path) } catch { throw .configuration("The configuration file '\(path)' cannot be read: \(error).") }
        var texts = try parse(text, path: path)
        if let file = texts.tokenFile {
            if file.hasPrefix("~/") {
                texts.tokenFile = home + file.dropFirst(1)
            } else if !file.hasPrefix("/") {
                texts.tokenFile = home + "/.config/muster/" + file
            }
        }
        return texts
    }

    static func parse(_ text: String, path: String) throws(CommandError) -> ClientConfiguration.Texts {
        let members: [String: String]
        do { members = try JSONDecoder().decode([String: String].self, from: Data(text.utf8)) } catch {
            throw .configuration("The configuration file '\(path)' is not a JSON object with texts as members.")
        }
        let known = ["server", "tokenFile", "pin"]
        if let unknown = members.keys.sorted().first(where: { !known.contains($0) }) {
            throw .configuration(
                "The configuration file '\(path)' has a member '\(unknown)': only \(known.joined(separator: ", ")) are known.")
        }
        return .init(server: members["server"], tokenFile: members["tokenFile"], pin: members["pin"])
    }

    /// A small file as text.
    static func read(_ path: String) throws -> String {
        guard let file = fopen(path, "re") else { throw CommandError.configuration(String(cString: strerror(errno))) }
        defer { fclose(file) }
        return try text(of: file)
    }

    static func text(of file: UnsafeMutablePointer<FILE>) throws -> String {
        var bytes = [UInt8](repeating: 0, count: maximumBytes + 1)
        let count = fread(&bytes, 1, bytes.count, file)
        guard ferror(file) == 0 else { throw CommandError.configuration(String(cString: strerror(errno))) }
        guard count <= maximumBytes else { throw CommandError.configuration("it is larger than \(maximumBytes) bytes") }
        guard let text = String(validating: bytes[..<count], as: UTF8.self) else {
            throw CommandError.configuration("it is not text")
        }
        return text
    }

    /// A remark when others than the owner may read the token: whoever can read it is the administrator.
    static func remarkOnPermissions(of path: String) {
        var facts = stat()
        guard stat(path, &facts) == 0, facts.st_mode & S_IFMT == S_IFREG, facts.st_mode & 0o077 != 0 else { return }
        Console.remark("Warning: others can read the token file '\(TerminalText.escaped(path))'; 'chmod 600' it.")
    }
}
