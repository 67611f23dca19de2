import MusterModel
import Testing

@Suite("Connection state: the server's own absence")
struct ServerAttendanceTests {
    @Test("while it was down the deadline moves along")
    func down() {
        var story = Story()
        story.comes(0)
        story.server = ServerAttendance(started: .minute(130), lastAlive: .minute(10))
        #expect(story.at(130) == "on schedule since 0")
        #expect(story.at(164) == "on schedule since 0")
        #expect(story.at(165) == "overdue since 165", "45 and the 120 it was down")
    }

    @Test("after a start nobody becomes overdue within one interval")
    func afterAStart() {
        var story = Story()
        story.comes(0)
        story.server = ServerAttendance(started: .minute(44), lastAlive: .minute(43))
        #expect(story.at(58) == "on schedule since 0", "45 + 1 would be over")
        #expect(story.at(59) == "overdue since 59")
    }

    @Test("who was overdue before it stopped still is, since then")
    func overdueBefore() {
        var story = Story()
        story.comes(0)
        story.server = ServerAttendance(started: .minute(100), lastAlive: .minute(46))
        #expect(story.at(100) == "overdue since 45")
    }

    @Test("a promise given after it is none of its business")
    func promisesOfNow() {
        var story = Story()
        story.comes(0)
        story.server = ServerAttendance(started: .minute(130), lastAlive: .minute(10))
        story.comes(131)
        #expect(story.at(175) == "on schedule since 131")
        #expect(story.at(176) == "overdue since 176")
    }

    @Test("a server that stalled, was suspended, or whose clock was put forward")
    func stalled() {
        var story = Story()
        story.serverRuns(from: 0, to: 20)
        story.comes(20)
        story.serverRuns(from: 20, to: 30)
        story.serverRuns(from: 90, to: 110)
        #expect(story.at(110) == "on schedule since 20")
        #expect(story.at(124) == "on schedule since 20")
        #expect(story.at(125) == "overdue since 125", "65 and the 60 in which nothing beat")
        story.comes(126)
        #expect(story.at(170) == "on schedule since 126")
        #expect(story.at(171) == "overdue since 171")
    }

    @Test("beats that come a little late are no absence")
    func lateBeats() {
        var story = Story()
        story.comes(0)
        for second in stride(from: Int64(0), through: 44 * 60, by: 30) { story.server.beat(now: .second(second)) }
        #expect(story.server.era == 0)
        #expect(story.at(45) == "overdue since 45")
        story.server.beat(now: .second(44 * 60 + 31))
        #expect(story.server.era == 1)
    }

    @Test("a clock that was put back: deadlines go back with it, and who was overdue stays so")
    func putBack() {
        var story = Story()
        story.serverRuns(from: 1000, to: 1000)
        story.server = ServerAttendance(started: .minute(1000), lastAlive: nil)
        story.comes(1000)
        var other = story
        story.server.beat(now: .minute(500))
        #expect(story.at(544) == "on schedule since 1000")
        #expect(story.at(545) == "overdue since 545")
        other.serverRuns(from: 1000, to: 1046)
        other.server.beat(now: .minute(500))
        #expect(other.at(500) == "overdue since 499")
    }

    @Test("absences are forgotten from the oldest on; the promises of now stay exact")
    func many() {
        var story = Story()
        story.comes(0)
        for hour in Int64(1)...100 { story.server.beat(now: .minute(hour * 60)) }
        #expect(story.server.era == 100)
        story.comes(6000)
        story.server.beat(now: .minute(6010))
        #expect(story.at(6054) == "on schedule since 6000")
        #expect(story.at(6055) == "overdue since 6055")
    }

    @Test("rebooting while the server was down")
    func rebooting() {
        var story = Story()
        story.comes(0)
        story.says(.reboot, 9)
        story.server = ServerAttendance(started: .minute(130), lastAlive: .minute(10))
        #expect(story.at(140) == "rebooting since 9")
        #expect(story.at(165) == "overdue since 165")
    }

    @Test("times at the ends of Int64 do not trap")
    func extremes() {
        let ends = [Int64.min, -1, 0, 1, .max].map(Timestamp.init(milliseconds:))
        for first in ends {
            for second in ends {
                var server = ServerAttendance(started: first, lastAlive: second)
                server.beat(now: second)
                server.beat(now: first)
                for interval in [Duration.zero, .hours(24)] {
                    var presence = DevicePresence(enrolled: first)
                    presence.connected(SynchronizationPromise(due: second, interval: interval, era: 0), now: first)
                    presence.disconnected(now: second)
                    presence.noticeReceived(AbsenceNotice(kind: .reboot, time: first))
                    _ = presence.status(now: second, server: server)
                }
            }
        }
    }
}
