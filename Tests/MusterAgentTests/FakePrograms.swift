import FoundationEssentials
import Glibc
import Testing

@testable import MusterAgent

/// Programs of the system as a test says they are: shell scripts in a folder of their own.
final class FakePrograms: Sendable {
    let directory: String

    init() throws {
        var template = Array("/tmp/muster-programs-XXXXXX".utf8CString)
        directory = try #require(mkdtemp(&template).map { String(cString: $0) })
    }

    deinit {
        for name in SystemCall.names(in: directory) ?? [] { unlink("\(directory)/\(name)") }
        rmdir(directory)
    }

    var system: SystemProgram { SystemProgram(directories: [directory]) }

    /// A new file each time: one that is being run cannot be written.
    func add(_ name: String, _ script: String) throws {
        let text = "#!/bin/sh\n\(script)\n"
        try Data(text.utf8).write(to: URL(filePath: "\(directory)/\(name).new"))
        try #require(chmod("\(directory)/\(name).new", 0o755) == 0)
        try #require(rename("\(directory)/\(name).new", "\(directory)/\(name)") == 0)
    }

    func write(_ name: String, _ text: String) throws { try Data(text.utf8).write(to: URL(filePath: file(name))) }

    func file(_ name: String) -> String { "\(directory)/\(name)" }
}
