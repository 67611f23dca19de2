import MusterModel

/// The bytes are the text of a schedule, as a person or a program would write it.
enum ScheduleProperties {
    static func check(_ bytes: [UInt8]) throws(PropertyViolation) {
        switch read(String(decoding: bytes, as: UTF8.self)) {
        case .failure(let refusal):
            try expect(refusal.reason.utf8.count < 1024, "a refusal of \(refusal.reason.utf8.count) bytes")
        case .success(let schedule):
            let written = schedule.description
            try expect((try? read(written).get()) == schedule, "'\(written)' is another schedule than it was made from")
            for milliseconds in [Int64.min, 0, 1_795_530_600_250, .max] {
                try checkOrder(written, Timestamp(milliseconds: milliseconds), .utc)
            }
        }
    }

    private static func read(_ text: String) -> Result<TaskSchedule, TaskScheduleError> {
        Result { () throws(TaskScheduleError) in try TaskSchedule(text) }
    }

    /// The last planned time is not after an instant, the next is, and nothing lies between.
    static func checkOrder(_ text: String, _ instant: Timestamp, _ zone: ZoneRules) throws(PropertyViolation) {
        guard let schedule = try? read(text).get() else { return }
        let next = schedule.next(after: instant, in: zone, since: instant)
        let last = schedule.last(through: instant, in: zone, since: instant)
        try expect(next.map { $0 > instant } ?? true, "'\(text)' has no next time after \(instant)")
        try expect(last.map { $0 <= instant } ?? true, "'\(text)' has no last time before \(instant)")
        guard let next, let last, next.milliseconds < .max, last.milliseconds > .min else { return }
        try expect(schedule.next(after: last, in: zone, since: instant) == next, "'\(text)' has a time between")
        try expect(schedule.last(through: next, in: zone, since: instant) == next, "'\(text)' has another last time")
    }
}
