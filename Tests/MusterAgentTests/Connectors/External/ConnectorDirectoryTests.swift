import Glibc
import MusterModel
import Testing

@testable import MusterAgent

@Suite("The directory of connectors")
struct ConnectorDirectoryTests {
    private let script: ConnectorScript

    init() throws { script = try ConnectorScript() }

    @Test func aFileThatIsItsOwnersAloneIsStarted() throws {
        try script.write("web", "#!/bin/sh\n")
        try script.write("web-2", "#!/bin/sh\n", mode: 0o700)
        let listing = script.directory.list()
        #expect(listing.executables.map(\.application.description) == ["web", "web-2"])
        #expect(listing.refused.isEmpty)
    }

    @Test func withoutADirectoryThereIsNone() {
        #expect(ConnectorDirectory(path: "/nowhere").list() == ConnectorDirectory.Listing())
    }

    @Test(arguments: [
        ("web", mode_t(0o775), "others may write to it"), ("web", 0o757, "others may write to it"),
        ("web", 0o644, "not executable"),
        ("Web", 0o755, "no id"), ("web.py", 0o755, "no id"), ("apt", 0o755, "built-in"), ("network-agent", 0o755, "built-in"),
    ])
    func othersAreRefusedWithTheReason(_ name: String, _ mode: mode_t, _ reason: String) throws {
        try script.write(name, "#!/bin/sh\n", mode: mode)
        let listing = script.directory.list()
        #expect(listing.executables.isEmpty)
        #expect(listing.refused[name]?.contains(reason) == true, "\(listing.refused)")
    }

    @Test func linksAndDirectoriesAreRefused() throws {
        try script.write("web", "#!/bin/sh\n")
        #expect(symlink("web", script.directory.path + "/link") == 0)
        #expect(mkdir(script.directory.path + "/folder", 0o755) == 0)
        let listing = script.directory.list()
        #expect(listing.executables.count == 1)
        #expect(listing.refused.keys.sorted() == ["folder", "link"])
        #expect(listing.refused.values.allSatisfy { $0.contains("plain file") })
    }

    @Test func aDirectoryThatOthersMayWriteToHoldsNone() throws {
        try script.write("web", "#!/bin/sh\n")
        #expect(chmod(script.directory.path, 0o777) == 0)
        let listing = script.directory.list()
        #expect(listing.executables.isEmpty)
        #expect(listing.refused["web"]?.contains("others may write to the directory") == true)
    }

    @Test func filesOfAnotherUserAreRefused() throws {
        try script.write("web", "#!/bin/sh\n")
        let listing = ConnectorDirectory(path: script.directory.path, owner: geteuid() + 1).list()
        #expect(listing.refused["web"]?.contains("must belong to") == true)
    }

    @Test func noMoreThanSixteenAreStarted() throws {
        for number in 10..<27 { try script.write("web-\(number)", "#!/bin/sh\n") }
        let listing = script.directory.list()
        #expect(listing.executables.count == ConnectorDirectory.maximumCount)
        #expect(listing.refused.keys.sorted() == ["web-26"])
    }
}
