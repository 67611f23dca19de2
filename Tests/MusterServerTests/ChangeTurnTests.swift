import MusterTestKit
import Synchronization
import Testing

@testable import MusterServer

@Suite("Changes go one at a time")
struct ChangeTurnTests {
    private struct Failed: Error {}

    private final class Log: Sendable {
        private let lines = Mutex<[String]>([])

        var all: [String] { lines.withLock { $0 } }

        func note(_ line: String) { lines.withLock { $0.append(line) } }
    }

    @Test func theNextBeginsWhenTheOneBeforeHasEnded_inTheOrderInWhichTheyCame() async throws {
        let (turn, log) = (ChangeTurn(), Log())
        let (opened, open) = AsyncStream.makeStream(of: Void.self)
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask {
                await turn.take {
                    log.note("1 begins")
                    for await _ in opened {}
                    log.note("1 ends")
                }
            }
            try await eventually("the first is in") { log.all.count == 1 }
            for number in 2...3 {
                group.addTask { await turn.take { log.note("\(number)") } }
                try await eventually("it waits") { turn.waiting == number - 1 }
            }
            open.finish()
            try await group.waitForAll()
        }
        #expect(log.all == ["1 begins", "1 ends", "2", "3"])
        #expect(turn.waiting == 0)
    }

    @Test func oneThatFailsLetsTheNextIn() async {
        let turn = ChangeTurn()
        await #expect(throws: Failed.self) { try await turn.take { () throws -> Void in throw Failed() } }
        #expect(await turn.take { 1 } == 1)
    }
}
