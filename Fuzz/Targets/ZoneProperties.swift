import MusterModel

/// The bytes are a file of time zone rules.
enum ZoneProperties {
    static func check(_ bytes: [UInt8]) throws(PropertyViolation) {
        guard let zone = try? ZoneRules(file: bytes) else { return }
        for instant in instants {
            let offset = zone.offset(at: instant)
            try expect(.hours(-25) < offset && offset < .hours(26), "\(offset) off UTC")
        }
        for time in times { try checkLocal(time, zone) }
        for text in ["daily 02:30", "weekly sun,wed 00:00", "monthly 31 23:59"] {
            for instant in instants { try ScheduleProperties.checkOrder(text, instant, zone) }
        }
    }

    /// It is the first instant at which the clock shows that or more.
    private static func checkLocal(_ time: LocalTime, _ zone: ZoneRules) throws(PropertyViolation) {
        let shown = ZoneRules.utc.instant(of: time)
        let instant = zone.instant(of: time)
        let before = instant - .seconds(1)
        try expect(instant + zone.offset(at: instant) >= shown, "\(time) is too early")
        try expect(before + zone.offset(at: before) < shown, "\(time) is too late")
    }

    private static let instants = [Int64.min, -10_000_000_000_000, 0, 1_774_746_000_000, 1_795_530_600_250, .max].map {
        Timestamp(milliseconds: $0)
    }

    /// Where clocks are changed, at the ends of a year, and far away.
    private static let times = ["1970-01-01", "2026-03-29", "2026-10-25", "2027-12-31", "2028-02-29", "9999-12-31"].compactMap {
        date in
        CivilDate(date).flatMap { date in TimeOfDay(hour: 2, minute: 30).map { LocalTime(date: date, time: $0) } }
    }
}
