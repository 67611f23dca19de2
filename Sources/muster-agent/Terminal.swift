import Glibc

/// The few things a command says beside its output.
enum Terminal {
    static func warn(_ text: String) { write("warning: \(text)\n") }
    static func error(_ text: String) { write("Error: \(text)\n") }

    private static func write(_ text: String) {
        let line = Array(text.utf8)
        _ = Glibc.write(STDERR_FILENO, line, line.count)
    }

    static func text(of number: Int32) -> String { strerror(number).map { String(cString: $0) } ?? "error \(number)" }
}
