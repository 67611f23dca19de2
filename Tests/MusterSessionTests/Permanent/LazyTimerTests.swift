import Testing

@testable import MusterSession

/// A moment that is moved often, as a transcript.
struct LazyTimerTests {
    @Test func aTimerIsLeftToRunAndSetAgain() {
        var timer = LazyTimer()
        #expect(timer.expect(within: .seconds(10), now: .zero) == .set(.seconds(10)))
        #expect(timer.expect(within: .seconds(60), now: .seconds(1)) == .keep)
        #expect(timer.expect(within: .seconds(60), now: .seconds(9)) == .keep)
        #expect(timer.fired(now: .seconds(10)) == .set(.seconds(59)))
        #expect(timer.fired(now: .seconds(69)) == nil)
        // It begins anew.
        #expect(timer.expect(within: .seconds(30), now: .seconds(69)) == .set(.seconds(30)))
    }

    @Test func oneThatIsDueTooLateIsReplaced() {
        var timer = LazyTimer()
        _ = timer.expect(within: .seconds(60), now: .zero)
        #expect(timer.expect(within: .seconds(5), now: .seconds(1)) == .set(.seconds(5)))
        #expect(timer.fired(now: .seconds(6)) == nil)
    }
}
