import MusterModel
import Testing

@testable import MusterAgent

@Suite("The times of a session at the agent")
struct SessionClockTests {
    private let start = ContinuousClock.now

    @Test("while a synchronization runs the server may be silent for so long")
    func synchronizing() {
        var clock = SessionClock(now: start)
        clock.nextSynchronization(in: .seconds(5), now: start)
        let wait = clock.wait(isAtRest: false, now: start + .seconds(10))
        #expect(wait.due == .lost && wait.time == AgentPace.idleTime - .seconds(10))
        clock.heard(now: start + .seconds(10))
        #expect(clock.wait(isAtRest: false, now: start + .seconds(10)).time == AgentPace.idleTime)
    }

    @Test("a permanent connection is dead after two and a half of the server's ping intervals")
    func dead() {
        var clock = SessionClock(now: start)
        clock.pingInterval = .seconds(4)
        let wait = clock.wait(isAtRest: true, now: start + .seconds(4))
        #expect(wait.due == .lost && wait.time == .seconds(6))
        #expect(clock.wait(isAtRest: true, now: start + .seconds(20)).time == .zero)
    }

    @Test("the next synchronization, statistics and death: the first comes first")
    func first() {
        var clock = SessionClock(now: start)
        clock.nextSynchronization(in: .seconds(100), now: start)
        #expect(clock.wait(isAtRest: true, now: start) == (.seconds(100), .synchronize))
        clock.statistics(every: .seconds(10), now: start)
        #expect(clock.wait(isAtRest: true, now: start + .seconds(3)) == (.seconds(7), .statistics))
        clock.statistics(every: nil, now: start)
        #expect(clock.wait(isAtRest: true, now: start + .seconds(3)) == (.seconds(97), .synchronize))
        clock.nextSynchronization(in: .minutes(15), now: start)
        #expect(clock.wait(isAtRest: true, now: start) == (.seconds(150), .lost))
    }

    @Test("with another address the server has 5 s to show that it is there, and a word is enough")
    func probed() {
        var clock = SessionClock(now: start)
        clock.probed(now: start)
        clock.probed(now: start + .seconds(3))
        #expect(clock.wait(isAtRest: true, now: start + .seconds(3)) == (.seconds(2), .lost))
        clock.heard(now: start + .seconds(4))
        #expect(clock.wait(isAtRest: true, now: start + .seconds(4)).time == .seconds(150))
    }
}
