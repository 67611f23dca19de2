import MusterModel
import MusterWire
import Testing

@testable import MusterAgent

@Suite("When the agent connects")
struct LinkCourseTests {
    private let start = ContinuousClock.now

    @Test func atOnceThenAsTold() {
        var course = LinkCourse(reason: .start, dueAt: start)
        #expect(course.wait(now: start) == .zero)
        course.succeeded(next: .minutes(15), now: start)
        #expect(course.reason == .interval)
        #expect(course.wait(now: start) == .minutes(15))
        #expect(course.wait(now: start + .minutes(14)) == .minutes(1))
        #expect(course.wait(now: start + .minutes(16)) == .zero)
    }

    @Test func anEventIsSooner() {
        var course = LinkCourse(reason: .start, dueAt: start)
        course.succeeded(next: .minutes(15), now: start)
        course.heard(.eventsAppended, now: start)
        #expect(course.reason == .event)
        #expect(course.wait(now: start) == AgentPace.gathering)
    }

    @Test func aDeviceThatMovedConnectsAtOnceUnlessAPersonHasToAct() {
        var course = LinkCourse(reason: .start, dueAt: start)
        course.succeeded(next: .minutes(15), now: start)
        course.heard(.moved, now: start)
        #expect(course.wait(now: start) == .zero)
        _ = course.failed(LinkFailure(.unreachable, retryAfter: .minutes(1)), now: start)
        course.heard(.moved, now: start)
        #expect(course.wait(now: start) == .zero)
        let wait = course.failed(LinkFailure(.deviceDeleted), now: start)
        course.heard(.moved, now: start)
        #expect(course.wait(now: start) == wait && wait > .zero)
    }

    @Test func aRequestConnectsAtOnceUnlessAPersonHasToAct() {
        var course = LinkCourse(reason: .start, dueAt: start)
        course.succeeded(next: .minutes(15), now: start)
        course.heard(.connectionRequested(isOneOfMany: false), now: start)
        #expect(course.wait(now: start) == .zero && course.reason == .request)
        _ = course.failed(LinkFailure(.unreachable, retryAfter: .minutes(1)), now: start)
        course.heard(.connectionRequested(isOneOfMany: false), now: start)
        #expect(course.wait(now: start) == .zero && course.reason == .request)
        let wait = course.failed(LinkFailure(.deviceDeleted), now: start)
        course.heard(.connectionRequested(isOneOfMany: false), now: start)
        #expect(course.wait(now: start) == wait && wait > .zero)
    }

    @Test func manyAskedAtOnceComeWithinASecond() {
        var waits: [Duration] = []
        for _ in 1...100 {
            var course = LinkCourse(reason: .start, dueAt: start)
            course.succeeded(next: .minutes(15), now: start)
            course.heard(.connectionRequested(isOneOfMany: true), now: start)
            waits.append(course.wait(now: start))
        }
        #expect(waits.allSatisfy { $0 <= .seconds(1) })
        #expect(Set(waits).count > 50)
    }

    @Test func aRenewedCertificateIsUsedAtOnce() {
        var course = LinkCourse(reason: .start, dueAt: start)
        course.again(.renewed, now: start)
        #expect(course.reason == .renewed)
        #expect(course.wait(now: start) == .zero)
    }

    @Test func afterAFailureNothingButAPersonShortensTheWait() async {
        var course = LinkCourse(reason: .start, dueAt: start)
        let wait = course.failed(LinkFailure(.certificateExpired), now: start)
        #expect(wait >= .seconds(5) && wait <= .seconds(10))
        course.heard(.eventsAppended, now: start)
        #expect(course.wait(now: start) == wait)
        let refused = await withCheckedContinuation { continuation in
            course.heard(.synchronize(continuation), now: start)
            #expect(course.wait(now: start) == .zero)
            course.answer(.failure(AgentError(.connectionFailed, "in vain")))
        }
        #expect(throws: AgentError.self) { try refused.get() }
    }
}
