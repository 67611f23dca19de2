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

    deinit { _ = Glibc.system("rm -rf '\(directory)'") }

    var system: SystemProgram { SystemProgram(directories: [directory]) }

    /// A new file each time: one that is being run cannot be written. Another program writes it: a file that this process has open for writing
    /// is open in whatever it starts at the same moment, too, and cannot be run meanwhile.
    func add(_ name: String, _ script: String) throws {
        let (text, made) = (file(name + ".text"), file(name + ".new"))
        try Data("#!/bin/sh\n\(script)\n".utf8).write(to: URL(filePath: text))
        try #require(Glibc.system("cp '\(text)' '\(made)' && chmod 755 '\(made)'") == 0)
        try #require(rename(made, file(name)) == 0)
        unlink(text)
    }

    func write(_ name: String, _ text: String) throws { try Data(text.utf8).write(to: URL(filePath: file(name))) }

    func file(_ name: String) -> String { "\(directory)/\(name)" }
}
