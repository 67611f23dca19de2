import MusterModel
import Testing

@Suite("Connection state: rules")
struct DevicePresenceTests {
    @Test("never connected until it connects, however long that takes")
    func neverConnected() {
        var story = Story()
        #expect(story.at(0) == "never connected since 0")
        #expect(story.at(1_000_000) == "never connected since 0")
        story.connects(1_000_001)
        #expect(story.at(1_000_001) == "connected since 1000001")
    }

    @Test("connected, on schedule, overdue two intervals after it was due, connected")
    func theUsualRule() {
        var story = Story()
        story.connects(10)
        story.synchronizes(11)
        #expect(story.at(12) == "connected since 10")
        story.leaves(13)
        #expect(story.at(13) == "on schedule since 13")
        #expect(story.at(26) == "on schedule since 13")
        #expect(story.at(second: 56 * 60 - 1) == "on schedule since 13")
        #expect(story.at(56) == "overdue since 56")
        #expect(story.at(10_000) == "overdue since 56")
        story.connects(10_001)
        #expect(story.at(10_001) == "connected since 10001")
    }

    @Test("one that comes and never completes a synchronization becomes overdue all the same")
    func neverCompletes() {
        var story = Story()
        story.comes(0)
        for minute in stride(from: Int64(15), through: 60, by: 5) {
            story.connects(minute)
            #expect(story.at(minute) == "connected since \(minute)")
            story.leaves(minute)
        }
        #expect(story.at(61) == "overdue since 45")
        story.comes(62)
        #expect(story.at(63) == "on schedule since 62")
    }

    @Test("the first connection counts for one that never completed any")
    func firstConnection() {
        var story = Story()
        story.connects(0)
        story.leaves(0)
        #expect(story.at(44) == "on schedule since 0")
        #expect(story.at(45) == "overdue since 45")
    }

    @Test(
        "what it said when it went holds until it comes again",
        arguments: [
            (.powerOff, "shut down"), (.suspend, "suspended"), (.agentStopped, "agent stopped"),
        ] as [(AbsenceNotice.Kind, String)])
    func notices(kind: AbsenceNotice.Kind, words: String) {
        var story = Story()
        story.comes(0)
        story.says(kind, 5)
        #expect(story.at(5) == "\(words) since 5")
        #expect(story.at(1_000_000) == "\(words) since 5")
        story.connects(1_000_001)
        #expect(story.at(1_000_001) == "connected since 1000001")
        story.leaves(1_000_002)
        #expect(story.at(1_000_002) == "overdue since 45", "it came and completed nothing")
        story.comes(1_000_003)
        #expect(story.at(1_000_003) == "on schedule since 1000003")
    }

    @Test("rebooting: ten minutes at least, then overdue by the usual rule")
    func rebooting() {
        var story = Story()
        story.comes(0)
        story.says(.reboot, 5)
        #expect(story.at(6) == "rebooting since 5")
        #expect(story.at(44) == "rebooting since 5")
        #expect(story.at(45) == "overdue since 45")
        story.comes(46)
        story.says(.reboot, 85)
        #expect(story.at(91) == "rebooting since 85", "it would be overdue already")
        #expect(story.at(94) == "rebooting since 85")
        #expect(story.at(95) == "overdue since 95")
    }

    @Test("refused, with the reason, since the first time, until it is served")
    func refused() {
        var story = Story()
        story.comes(0)
        story.isRefused(.certificateSuperseded, 15)
        story.isRefused(.certificateSuperseded, 75)
        #expect(story.at(100) == "refused (certificateSuperseded) since 15")
        story.isRefused(.deviceRevoked, 135)
        #expect(story.at(140) == "refused (deviceRevoked) since 135")
        story.comes(150)
        #expect(story.at(150) == "on schedule since 150")
    }

    @Test("a permanent connection that is lost is said, with what the device is otherwise")
    func permanent() {
        var story = Story()
        story.isPermanent = true
        #expect(story.at(0) == "never connected since 0")
        story.connects(1)
        for minute in stride(from: Int64(1), through: 1000, by: 15) { story.synchronizes(minute) }
        #expect(story.at(1000) == "connected since 1")
        story.leaves(1001)
        #expect(story.at(1002) == "on schedule since 1001, permanent connection lost since 1001")
        #expect(story.at(1036) == "overdue since 1036, permanent connection lost since 1001")
        story.says(.powerOff, 1037)
        #expect(story.at(1038) == "shut down since 1037, permanent connection lost since 1001")
        story.connects(1040)
        #expect(story.at(1041) == "connected since 1040")
    }
}

@Suite("Connection state: what goes before what")
struct CompetingFactsTests {
    @Test("an open session before everything")
    func session() {
        var story = Story()
        story.connects(0)
        for kind in AbsenceNotice.Kind.allCases {
            story.says(kind, 1)
            #expect(story.at(1) == "connected since 0")
        }
        story.isRefused(.certificateSuperseded, 2)
        #expect(story.at(2) == "connected since 0")
        #expect(story.at(1000) == "connected since 0", "it is not overdue either")
    }

    @Test("what it said during a session counts after it")
    func saidInSession() {
        var story = Story()
        story.connects(0)
        story.synchronizes(0)
        story.says(.agentStopped, 1)
        story.leaves(2)
        #expect(story.at(3) == "agent stopped since 1")
    }

    @Test("a refusal while it is connected was somebody else, and is not the state afterwards")
    func refusedWhileConnected() {
        var story = Story()
        story.connects(0)
        story.synchronizes(0)
        story.isRefused(.certificateSuperseded, 1)
        story.leaves(2)
        #expect(story.at(3) == "on schedule since 2")
    }

    @Test("of a notice and a refusal the later")
    func noticeAndRefusal() {
        var story = Story()
        story.comes(0)
        story.says(.powerOff, 5)
        story.isRefused(.deviceRevoked, 6)
        #expect(story.at(7) == "refused (deviceRevoked) since 6")
        story.says(.powerOff, 8)
        #expect(story.at(9) == "shut down since 8")
        story.isRefused(.deviceRevoked, 10)
        #expect(story.at(11) == "refused (deviceRevoked) since 10")
    }

    @Test("of two notices the later, but that the agent stopped says less than why")
    func twoNotices() {
        var story = Story()
        story.comes(0)
        story.says(.agentStopped, 1)
        story.says(.powerOff, 2)
        #expect(story.at(3) == "shut down since 2")
        story.says(.agentStopped, 3)
        #expect(story.at(4) == "shut down since 2")
        story.says(.reboot, 4)
        #expect(story.at(5) == "rebooting since 4")
        story.comes(6)
        story.says(.agentStopped, 7)
        #expect(story.at(8) == "agent stopped since 7")
    }

    @Test("the same said twice within a minute counts from the first time on")
    func saidTwice() {
        var story = Story()
        story.comes(0)
        let first = Timestamp.minute(5)
        for time in [first, first + .seconds(3), first + .milliseconds(59_999)] {
            story.presence.noticeReceived(AbsenceNotice(kind: .powerOff, time: time))
        }
        #expect(story.presence.absence == .notice(AbsenceNotice(kind: .powerOff, time: first)))
        story.says(.powerOff, 6)
        #expect(story.at(7) == "shut down since 6")
    }

    @Test("a start after a stop, both told late, leaves nothing; a refusal it does not undo")
    func started() {
        var story = Story()
        story.connects(0)
        story.says(.agentStopped, 1)
        story.presence.agentStarted()
        story.synchronizes(1)
        story.leaves(1)
        #expect(story.at(2) == "on schedule since 1")
        story.isRefused(.certificateExpired, 3)
        story.presence.agentStarted()
        #expect(story.at(4) == "refused (certificateExpired) since 3")
    }

    @Test("a notice and a refusal before never connected and overdue")
    func beforeTheUsualRule() {
        var story = Story()
        story.isRefused(.certificateExpired, 1)
        #expect(story.at(2) == "refused (certificateExpired) since 1")
        story.says(.powerOff, 3)
        #expect(story.at(4) == "shut down since 3")
        story = Story()
        story.comes(0)
        story.says(.suspend, 50)
        #expect(story.at(60) == "suspended since 50")
        story.isRefused(.deviceRevoked, 61)
        #expect(story.at(1000) == "refused (deviceRevoked) since 61")
    }
}
