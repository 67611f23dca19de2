#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// A value out of a file or standard input, as it is: a script keeps its last line's end.
enum ValueFile {
    /// A task takes 256 KiB with everything.
    private static let maximumBytes = 256 * 1024

    /// - Parameter path: `-` for standard input.
    static func read(_ path: String) throws(CommandError) -> String {
        let shown = path == "-" ? "Standard input" : "The file '\(TerminalText.escaped(path))'"
        guard let file = path == "-" ? fdopen(STDIN_FILENO, "r") : fopen(path, "re") else {
            throw .configuration("\(shown) cannot be read: \(String(cString: strerror(errno))).")
        }
        defer { if path != "-" { fclose(file) } }
        var bytes = [UInt8](repeating: 0, count: maximumBytes + 1)
        let count = fread(&bytes, 1, bytes.count, file)
        guard ferror(file) == 0 else { throw .configuration("\(shown) cannot be read: \(String(cString: strerror(errno))).") }
        guard count <= maximumBytes else { throw .configuration("\(shown) is larger than \(maximumBytes) bytes.") }
        guard let text = String(validating: bytes[..<count], as: UTF8.self) else {
            throw .configuration("\(shown) is not text in UTF-8.")
        }
        return text
    }
}
