import DequeModule
import MusterModel
import MusterStore

/// The history of connections on its way to the database: connections and refusals go in as they end, entries come out with the next flush.
///
/// Like ones become one entry with a count, so that 10,000 devices that come every 15 minutes write a few rows a day each, and not 96. What
/// is told apart: the address, why the device came, how it ended, and the day. A failure, another address, and a connection that
/// lasted a minute or longer (it has an entry of its own) end all runs before them, so that they are seen in their place.
struct ConnectionHistory {
    /// What has been open for less is written down at its end only: lost in a crash, it was hardly begun.
    static let short = Duration.minutes(1)
    /// Runs that go on beside each other: it comes as its interval says, for an event, for a change. 150 bytes each, for each device.
    static let runs = 3
    /// A run of like ones ends then, so that each day is seen for itself and old ones can be deleted.
    static let longestRun = Duration.hours(24)
    /// Entries an hour a device can make; what comes past them goes into the last one, however it differs. A device that connects all the
    /// time (200 times a second are allowed from one address) fills no table.
    static let entriesPerHour = 60
    /// Entries waiting to be written, about 250 bytes each: 12 MB. It is full when the database is away for long; then new ones are lost.
    static let maximumWaiting = 50_000

    /// What one device did lately.
    fileprivate struct Course {
        /// The last entries the next connection may go into, at most `ConnectionHistory.runs`, the newest at the end.
        var runs: [ConnectionRecord] = []
        /// The same for refusals: by reason, as two copies of a device may be refused in turn.
        var refusals: [CloseReason: ConnectionRecord] = [:]
        var hour: Timestamp
        var entries = 0
    }

    private var lastNumber: Int64
    private var courses: [DeviceID: Course] = [:]
    /// Sessions that are open, by number.
    private var open: [Int64: ConnectionRecord] = [:]
    /// Those of them, and closed ones, that are not written down as open yet, in the order they were opened.
    private var opening: Deque<(number: Int64, at: Timestamp)> = []
    private var waiting: [Int64: ConnectionRecord] = [:]
    /// Devices with new entries since they were last looked through for old ones.
    private var grown: Set<DeviceID> = []
    private(set) var lost: UInt64 = 0

    /// - Parameter lastNumber: the highest of the database.
    init(lastNumber: Int64) { self.lastNumber = lastNumber }

    // MARK: What happens

    /// - Returns: the number to close it with.
    mutating func opened(_ device: DeviceID, address: String, hello: String, now: Timestamp) -> Int64 {
        let number = takeNumber(now: now)
        open[number] = ConnectionRecord(number: number, device: device, opened: now, address: address, hello: hello)
        opening.append((number, now))
        return number
    }

    mutating func closed(
        _ number: Int64, reason: CloseReason, text: String, documents: Int64, events: Int64, now: Timestamp
    ) {
        guard var record = open.removeValue(forKey: number) else { return }
        record.closed = max(now, record.opened)
        record.reason = reason
        record.text = text
        record.documents = documents
        record.events = events
        let device = record.device
        var course = courses[device] ?? Course(hour: now)
        guard now - record.opened < Self.short else {
            course.runs = []
            courses[device] = course
            return append(record)
        }
        append(course.entry(for: record, now: now))
        courses[device] = course
    }

    mutating func refused(
        _ device: DeviceID, reason: CloseReason, text: String, address: String, hello: String, now: Timestamp
    ) {
        var record = ConnectionRecord(
            number: 0, device: device, isRefusal: true, opened: now, closed: now, address: address, hello: hello, reason: reason,
            text: text)
        var course = courses[device] ?? Course(hour: now)
        if let run = course.refusals[reason], now - run.opened < Self.longestRun, now >= run.opened {
            record = run.joined(by: record)
        } else {
            record.number = takeNumber(now: now)
        }
        course.refusals[reason] = record
        courses[device] = course
        append(record)
    }

    private mutating func takeNumber(now: Timestamp) -> Int64 {
        lastNumber = max(lastNumber + 1, now.milliseconds)
        return lastNumber
    }

    private mutating func append(_ record: ConnectionRecord) {
        guard waiting.count < Self.maximumWaiting || waiting[record.number] != nil else {
            lost += 1
            return
        }
        waiting[record.number] = record
        grown.insert(record.device)
    }

    // MARK: What is written

    /// Everything that changed; what has been open for a while is part of it.
    mutating func takeWaiting(now: Timestamp) -> [ConnectionRecord] {
        while let first = opening.first, now - first.at >= Self.short || open[first.number] == nil {
            opening.removeFirst()
            if let record = open[first.number] { append(record) }
        }
        defer { waiting.removeAll(keepingCapacity: true) }
        return waiting.values.sorted { $0.number < $1.number }
    }

    /// They could not be written; what was changed since goes before.
    mutating func putBack(_ records: [ConnectionRecord]) {
        for record in records where waiting[record.number] == nil { append(record) }
    }

    mutating func takeGrown() -> [DeviceID] {
        defer { grown = [] }
        return Array(grown)
    }

    /// Since the start of the server, written or not.
    func lastRefusal(of device: DeviceID) -> ConnectionRecord? {
        courses[device]?.refusals.values.max { ($0.closed ?? $0.opened, $0.number) < ($1.closed ?? $1.opened, $1.number) }
    }

    /// What memory knows of a device and the database does not yet, or not as it is now.
    func unwritten(of device: DeviceID) -> [ConnectionRecord] {
        let closed = waiting.values.filter { $0.device == device }
        let known = Set(closed.map(\.number))
        return closed + open.values.filter { $0.device == device && !known.contains($0.number) }
    }
}

extension ConnectionHistory.Course {
    /// The entry a short connection goes into: one of the runs, or its own.
    mutating func entry(for record: ConnectionRecord, now: Timestamp) -> ConnectionRecord {
        let like = runs.firstIndex { $0.isLike(record) && record.opened - $0.opened < ConnectionHistory.longestRun }
        if let index = like ?? (isFull(now: now) ? runs.indices.last : nil) {
            runs[index] = runs[index].joined(by: record)
            return runs[index]
        }
        entries += 1
        if record.reason?.isSuccess != true || runs.contains(where: { $0.address != record.address }) { runs = [] }
        runs.removeAll { $0.isLike(record) }
        if runs.count >= ConnectionHistory.runs { runs.removeFirst() }
        runs.append(record)
        return record
    }

    /// So many entries were made this hour that no new one begins; counted anew each hour.
    private mutating func isFull(now: Timestamp) -> Bool {
        if now - hour >= .hours(1) || now < hour {
            hour = now
            entries = 0
        }
        return entries >= ConnectionHistory.entriesPerHour
    }
}

extension ConnectionRecord {
    fileprivate func isLike(_ other: Self) -> Bool {
        address == other.address && hello == other.hello && reason == other.reason && text == other.text
    }

    /// One entry for both, with this one's number.
    fileprivate func joined(by other: Self) -> Self {
        var record = other
        record.number = number
        record.opened = opened
        record.count = count + other.count
        record.documents += documents
        record.events += events
        return record
    }
}
