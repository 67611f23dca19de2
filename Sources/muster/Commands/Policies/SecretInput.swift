#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// A secret out of a file or standard input: never from the command line, which others on the machine can read and the shell keeps.
enum SecretInput {
    /// - Parameter path: `-` for standard input.
    static func read(_ path: String) throws(CommandError) -> String {
        var text: String
        do {
            text = path == "-" ? try standardInput() : try ConfigurationFile.read(path)
        } catch let error as CommandError {
            throw .configuration("The secret in \(shown(path)) cannot be read: \(error.reason).", advice: error.advice)
        } catch {
            throw .configuration("The secret in \(shown(path)) cannot be read: \(error).")
        }
        // One line end, as editors and `echo` leave it.
        if text.hasSuffix("\r\n") || text.hasSuffix("\n") { text.removeLast() }
        guard !text.isEmpty else { throw .configuration("There is no secret in \(shown(path)): it is empty.") }
        return text
    }

    private static func standardInput() throws -> String {
        guard isatty(STDIN_FILENO) == 0 else {
            throw CommandError.configuration(
                "it is a terminal, which would show it", advice: "Pipe it in, as: systemd-ask-password | muster …")
        }
        guard let file = fdopen(STDIN_FILENO, "r") else {
            throw CommandError.configuration(String(cString: strerror(errno)))
        }
        return try ConfigurationFile.text(of: file)
    }

    private static func shown(_ path: String) -> String {
        path == "-" ? "standard input" : "'\(TerminalText.escaped(path))'"
    }
}
