import MusterModel
import Testing

@Suite("How a device's status has been")
struct StatusCourseTests {
    private let now = Timestamp(milliseconds: 1_800_000_000_000)

    @Test func onlyAnotherLevelBeginsSomethingNew() {
        var course = StatusCourse(.ok, since: now)
        course.judged(.ok, now: now + .hours(1))
        #expect(course == StatusCourse(.ok, since: now))
        course.judged(.critical, now: now + .hours(2))
        #expect(course == StatusCourse(.critical, since: now + .hours(2), before: .ok))
        course.judged(.critical, now: now + .hours(3))
        course.judged(.warning, now: now + .hours(4))
        #expect(course == StatusCourse(.warning, since: now + .hours(4), before: .critical))
    }
}
