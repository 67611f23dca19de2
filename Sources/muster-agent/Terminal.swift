import Glibc

/// The few things a command says beside its output.
enum Terminal {
    /// A line on stderr.
    static func warn(_ text: String) {
        let line = Array("warning: \(text)\n".utf8)
        _ = write(STDERR_FILENO, line, line.count)
    }

    static func text(of number: Int32) -> String { strerror(number).map { String(cString: $0) } ?? "error \(number)" }
}
