import Testing

@testable import MusterAgent

@Suite("What clamd answers")
struct ClamdAnswersTests {
    private static let stats = """
        POOLS: 2

        STATE: VALID PRIMARY
        THREADS: live 3  idle 1 max 12 idle-timeout 30
        QUEUE: 4 items
        \tSTATS 0.000002\u{20}

        STATE: VALID EXIT
        THREADS: live 1  idle 1 max 12 idle-timeout 30
        QUEUE: 0 items

        MEMSTATS: heap N/A mmap N/A used N/A free N/A releasable N/A pools 1 pools_used 5.883M pools_total 5.964M
        END
        """

    @Test func itsVersionAndThatOfItsDatabases() {
        let full = ClamdVersion("ClamAV 1.4.6/27500/Wed Nov 25 09:30:00 2026")
        #expect(full?.engine == "1.4.6" && full?.database == 27500)
        let bare = ClamdVersion("ClamAV 1.4.6")
        #expect(bare?.engine == "1.4.6" && bare?.database == nil)
    }

    @Test(arguments: ["", "ClamAV ", "ClamAV /1", "PONG", "UNKNOWN COMMAND", "\u{0}\u{fffd}"])
    func whatIsNoVersionIsNone(_ text: String) { #expect(ClamdVersion(text) == nil) }

    @Test func anEngineAsLongAsABookIsCut() {
        let version = ClamdVersion("ClamAV " + String(repeating: "9", count: 10_000) + "/99999999999999999999/x")
        #expect(version?.engine.count == 64 && version?.database == nil)
    }

    @Test func itsThreadsAndItsQueue() {
        let stats = ClamdStats(Self.stats)
        #expect(stats?.threadsAlive == 4 && stats?.threadsIdle == 2 && stats?.threadsMaximum == 24 && stats?.queued == 4)
    }

    @Test("an answer that was cut is none, wherever")
    func cut() {
        for length in 0..<Self.stats.count { #expect(ClamdStats(String(Self.stats.prefix(length))) == nil, "\(length)") }
    }

    @Test func numbersThatAreNoneCountAsNothing() {
        let stats = ClamdStats(
            """
            POOLS: 1
            THREADS: live -9223372036854775808 idle 9223372036854775807 max
            THREADS:
            QUEUE:
            QUEUE: many items
            QUEUE: 999999999999999999999 items
            END
            """)
        #expect(stats?.threadsAlive == 0 && stats?.threadsIdle == 0 && stats?.threadsMaximum == 0 && stats?.queued == 0)
    }
}
