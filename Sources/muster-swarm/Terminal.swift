import ArgumentParser
import Glibc

/// Reports go to stdout, everything else to stderr.
enum Terminal {
    @Sendable static func remark(_ text: String) {
        let line = Array("\(text)\n".utf8)
        _ = write(STDERR_FILENO, line, line.count)
    }

    static func flush() { fflush(nil) }

    /// Prints the report, and fails when the run does not count.
    static func finish(_ report: String, valid: Bool, problems: [String]) throws {
        print(report)
        guard !valid else { return }
        for problem in problems { remark("not valid: \(problem)") }
        throw ExitCode.failure
    }
}
