import Foundation

/// What to start, and with what.
package struct ProgramOrder: Sendable {
    /// A path.
    package var program: String
    package var arguments: [String] = []
    /// All of it: nothing of the tests' own environment but PATH.
    package var environment: [String: String] = [:]
    /// A file; nothing to read without one.
    package var input: String?
    /// Files, added to; may be the same.
    package var output: String
    package var error: String
    /// Sent to the program when the tests end before it.
    package var deathSignal = "KILL"

    /// - Parameter log: where standard output and error go.
    package init(_ program: String, _ arguments: [String] = [], environment: [String: String] = [:], log: String) {
        self.program = program
        self.arguments = arguments
        self.environment = environment
        output = log
        error = log
    }

    /// `setpriv` asks the kernel to end the program with the thread that started it, then becomes it: same process id.
    package func commandLine() throws -> [String] {
        [try ProgramPath.ofSystem("setpriv"), "--pdeathsig", deathSignal, "--", program] + arguments
    }

    var variables: [String] {
        let path = ProcessInfo.processInfo.environment["PATH"] ?? "/usr/sbin:/usr/bin:/sbin:/bin"
        return ["PATH": path, "LANG": "C.UTF-8"].merging(environment) { $1 }.map { "\($0)=\($1)" }
    }
}
