import MusterModel

/// One device and one server; minutes of a clock that begins at 0. The interval is 15 minutes: told at minute m, a device is due at m + 15 and
/// overdue at m + 45.
struct Story {
    var presence = DevicePresence(enrolled: .minute(0))
    var server = ServerAttendance(started: .minute(0), lastAlive: nil)
    var isPermanent = false

    static let interval = Duration.minutes(15)

    mutating func connects(_ minute: Int64) {
        presence.connected(promise(minute), now: .minute(minute))
    }

    mutating func synchronizes(_ minute: Int64) { presence.synchronized(promise(minute)) }

    mutating func leaves(_ minute: Int64) { presence.disconnected(now: .minute(minute)) }

    /// Comes, is done within the minute, and leaves.
    mutating func comes(_ minute: Int64) {
        connects(minute)
        synchronizes(minute)
        leaves(minute)
    }

    mutating func says(_ kind: AbsenceNotice.Kind, _ minute: Int64) {
        presence.noticeReceived(AbsenceNotice(kind: kind, time: .minute(minute)))
    }

    mutating func isRefused(_ reason: CloseReason, _ minute: Int64) { presence.refused(reason, now: .minute(minute)) }

    /// The server beats each minute's beginning, as often as it must, between two minutes.
    mutating func serverRuns(from: Int64, to: Int64) {
        for second in stride(from: from * 60, through: to * 60, by: 5) { server.beat(now: .second(second)) }
    }

    func promise(_ minute: Int64) -> SynchronizationPromise {
        SynchronizationPromise(due: .minute(minute) + Self.interval, interval: Self.interval, era: server.era)
    }

    /// `overdue since 45`.
    func at(_ minute: Int64) -> String { at(second: minute * 60) }

    func at(second: Int64) -> String {
        let status = presence.status(now: .second(second), server: server, isPermanent: isPermanent)
        let reason = status.reason.map { " (\($0.code))" } ?? ""
        let lost = status.permanentConnectionLostSince.map { ", permanent connection lost since \($0.minute)" } ?? ""
        return "\(status.state.words)\(reason) since \(status.since.minute)\(lost)"
    }
}

extension Timestamp {
    static func minute(_ minute: Int64) -> Timestamp { second(minute * 60) }
    static func second(_ second: Int64) -> Timestamp { Timestamp(milliseconds: second * 1000) }
    fileprivate var minute: Int64 { milliseconds / 60_000 }
}
