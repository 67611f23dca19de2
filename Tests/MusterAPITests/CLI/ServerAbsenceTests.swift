import MusterAPI
import Testing

@testable import muster

/// What a server that is away means to who follows something.
struct ServerAbsenceTests {
    private let lost: CommandError

    init() throws { lost = .unreachable(try #require(APIAddress("host")), "connection refused") }

    private func saying(_ outcome: ServerAbsence.OnFailure) -> String? {
        if case .tryAgain(_, let saying) = outcome { saying } else { nil }
    }

    private func wait(_ outcome: ServerAbsence.OnFailure) -> Duration? {
        if case .tryAgain(let wait, _) = outcome { wait } else { nil }
    }

    @Test func itIsSaidOnceAndOnceThatItIsBack() {
        var absence = ServerAbsence(longestWait: .seconds(4))
        #expect(absence.answered() == nil)
        #expect(saying(absence.failed(lost))?.contains("connection refused") == true)
        #expect(saying(absence.failed(lost)) == nil)
        #expect(absence.answered() == "The server is back.")
        #expect(absence.answered() == nil)
        #expect(saying(absence.failed(lost)) != nil, "away again")
    }

    @Test func theWaitGrowsToItsBoundAndBeginsAnew() {
        var absence = ServerAbsence(longestWait: .seconds(5))
        #expect((1...5).map { _ in wait(absence.failed(lost)) } == [1, 2, 4, 5, 5].map { .seconds($0) })
        _ = absence.answered()
        #expect(wait(absence.failed(lost)) == .seconds(1))
    }

    @Test func whatAnotherTryDoesNotMendEndsIt() throws {
        let server = try #require(APIAddress("host"))
        var absence = ServerAbsence(longestWait: .seconds(5))
        let refused = Problem(.tokenRevoked, status: 401, title: "", detail: "")
        #expect(absence.failed(.refused(server, refused, at: "/")) == .giveUp)
        #expect(absence.failed(.pinMismatch(server, seen: "x")) == .giveUp)
        #expect(absence.failed(.readerGone) == .giveUp)
        let stopping = Problem(.serverStopping, status: 503, title: "", detail: "")
        #expect(wait(absence.failed(.refused(server, stopping, at: "/"))) == .seconds(1))
    }

    @Test func whatEndsInGoodOrderIsNoAbsence() {
        var absence = ServerAbsence(longestWait: .seconds(5))
        #expect(absence.ended() == .tryAgain(after: .seconds(1), saying: nil))
        #expect(absence.answered() == nil)
    }
}
