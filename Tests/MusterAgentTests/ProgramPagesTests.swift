import Testing

@testable import MusterAgent

@Suite struct ProgramPagesTests {
    @Test(arguments: [
        ("55eec1ecc000-55eec3f3b000 r-xp 00000000 fe:00 1024206                    /usr/bin/muster-agent", true),
        ("55eec3f3c000-55eec400b000 r--p 0206f000 fe:00 1024206                    /usr/bin/muster-agent", false),
        ("55eec400b000-55eec4343000 rw-p 0213e000 fe:00 1024206                    /usr/bin/muster-agent", false),
        ("55eec400b000-55eec4343000 rwxp 0213e000 fe:00 1024206                    /usr/bin/muster-agent", false),
        ("7f8aa0000000-7f8aa008b000 r-xp 00000000 00:00 0", false),
        ("7ffd0a5f2000-7ffd0a5f4000 r-xp 00000000 00:00 0                          [vdso]", false),
        ("nonsense", false), ("", false), ("2-1 r-xp 0 0:0 1 /x", false), ("x-y r-xp 0 0:0 1 /x", false),
    ])
    func onlyCodeOfFiles(line: String, isCode: Bool) {
        #expect((ProgramPages.code(in: line) != nil) == isCode)
    }

    /// In KiB.
    private func residentOfFiles() throws -> Int {
        let status = String(decoding: try #require(SystemCall.contents(of: "/proc/self/status")), as: UTF8.self)
        let line = try #require(status.split(separator: "\n").first { $0.hasPrefix("RssFile:") })
        return try #require(Int(line.split(separator: " ", omittingEmptySubsequences: true)[1]))
    }

    /// This process runs other tests beside, which bring back what they need: hence the several tries.
    @Test func whatIsNotUsedIsNotResidentAndAllGoesOn() throws {
        let lower = try (0..<20).contains { _ in
            let before = try residentOfFiles()
            ProgramPages.giveBack()
            return try residentOfFiles() < before
        }
        #expect(lower)
    }
}
