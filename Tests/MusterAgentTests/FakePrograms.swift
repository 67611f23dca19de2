import FoundationEssentials
import Glibc
import MusterTestKit
import Testing

@testable import MusterAgent

/// Programs of the system as a test says they are: shell scripts in a folder of their own.
final class FakePrograms: Sendable {
    let directory: String

    init() throws {
        var template = Array("/tmp/muster-programs-XXXXXX".utf8CString)
        directory = try #require(mkdtemp(&template).map { String(cString: $0) })
    }

    deinit { _ = Glibc.system("rm -rf '\(directory)'") }

    var system: SystemProgram { SystemProgram(directories: [directory]) }

    func add(_ name: String, _ script: String) throws { try ProgramFile.write("#!/bin/sh\n\(script)\n", to: file(name)) }

    func write(_ name: String, _ text: String) throws { try Data(text.utf8).write(to: URL(filePath: file(name))) }

    func file(_ name: String) -> String { "\(directory)/\(name)" }
}
