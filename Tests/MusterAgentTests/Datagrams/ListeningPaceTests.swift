import Testing

@testable import MusterAgent

@Suite("When the agent looks at its UDP port again")
struct ListeningPaceTests {
    @Test func everyTenMinutesWhereAllIsWell() {
        var pace = ListeningPace()
        let looks = (1...30).filter { _ in pace.stepped(hasFailed: false) }
        #expect(looks == [10, 20, 30])
    }

    @Test func aMinuteAfterAFailureWheneverItCame() {
        var pace = ListeningPace()
        let looks = [false, false, false, false, true, true, false].map { pace.stepped(hasFailed: $0) }
        #expect(looks == [false, false, false, false, true, true, false])
    }
}
