import MusterModel

/// The rows of what devices say of their managed applications, inside a transaction. A row is touched only when something in it changed.
struct ApplicationRows {
    /// Of one device; an agent has a handful of connectors. What comes after is left out.
    static let maximumCount = 64

    let connection: any DatabaseConnection

    private static let columns = "version, state, settings, outcome, code, text, changed_locally, restricted, problems"

    /// These and no others.
    func replace(_ reports: [ApplicationReport], of device: DeviceID, now: Timestamp) throws(StoreError) {
        var wanted: [ApplicationID: ApplicationReport] = [:]
        for report in reports.sorted(by: { $0.application < $1.application }).prefix(Self.maximumCount) {
            wanted[report.application] = report.bounded
        }
        var present: [ApplicationID: ApplicationReport] = [:]
        for record in try fetch(of: device) { present[record.report.application] = record.report }
        for application in present.keys where wanted[application] == nil {
            try connection.run(
                "DELETE FROM device_application WHERE device = $1 AND application = $2",
                [.id(device), .text(application.description)])
        }
        for (application, report) in wanted where present[application] != report { try put(report, of: device, now: now) }
    }

    private func put(_ report: ApplicationReport, of device: DeviceID, now: Timestamp) throws(StoreError) {
        try connection.run(
            """
            INSERT INTO device_application (device, application, \(Self.columns), facts, updated)
            VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)
            ON CONFLICT (device, application) DO UPDATE SET
                version = excluded.version, state = excluded.state, settings = excluded.settings, outcome = excluded.outcome,
                code = excluded.code, text = excluded.text, changed_locally = excluded.changed_locally,
                restricted = excluded.restricted, problems = excluded.problems, facts = excluded.facts,
                updated = excluded.updated
            """,
            [
                .id(device), .text(report.application.description), .text(report.version), .integer(Int64(report.state.rawValue)),
                .bytes(report.settings?.bytes), .integer(report.outcome.number), .text(report.outcome.code),
                .text(report.outcome.text), .text(try Self.text(report.changedLocally)), .text(try Self.text(report.restricted)),
                .text(try Self.text(report.problems)), .text(try Self.text(report.facts)), .time(now),
            ])
    }

    func fetch(of device: DeviceID) throws(StoreError) -> [DeviceApplicationRecord] {
        try connection.fetchAll(
            """
            SELECT device, application, \(Self.columns), facts, updated FROM device_application
            WHERE device = $1 ORDER BY application
            """, [.id(device)]
        ) { row throws(StoreError) in
            var report = try Self.report(row)
            report.facts = try Self.list(row, 11)
            return DeviceApplicationRecord(report, updated: try row.time(12))
        }
    }

    /// Without facts.
    func fetchAll() throws(StoreError) -> [DeviceID: [ApplicationReport]] {
        var all: [DeviceID: [ApplicationReport]] = [:]
        try connection.prepare(
            "SELECT device, application, \(Self.columns) FROM device_application ORDER BY device, application"
        ).run([]) { row throws(StoreError) in
            all[try row.id(0), default: []].append(try Self.report(row))
        }
        return all
    }

    private static func report(_ row: any DatabaseRow) throws(StoreError) -> ApplicationReport {
        let name = try row.string(1)
        guard let application = ApplicationID(name) else { throw .damaged("A device has the application '\(name)'.") }
        return ApplicationReport(
            application: application, version: try row.string(2),
            state: Int(exactly: try row.int(3)).flatMap(ApplicationState.init(rawValue:)) ?? .unknown,
            outcome: try SettingsOutcome(number: try row.int(5), code: try row.string(6), text: try row.string(7)),
            settings: row.bytes(at: 4).flatMap { Digest(bytes: $0) }, changedLocally: try list(row, 8),
            restricted: try list(row, 9), problems: try list(row, 10))
    }

    private static let empty = "[]"

    private static func text(_ list: [some Encodable]) throws(StoreError) -> String {
        list.isEmpty ? empty : try StoredJSON.text(list, of: "What a device says of an application")
    }

    private static func list<Entry: Decodable>(_ row: any DatabaseRow, _ column: Int) throws(StoreError) -> [Entry] {
        let text = try row.string(column)
        return text == empty ? [] : try StoredJSON.value(text, of: "What a device says of an application")
    }
}

extension SettingsOutcome {
    fileprivate init(number: Int64, code: String, text: String) throws(StoreError) {
        switch number {
        case 0: self = .none
        case 1: self = .applied
        case 2: self = .failed(code: code, text: text)
        default: throw .damaged("Settings of an application came to \(number).")
        }
    }

    fileprivate var number: Int64 {
        switch self {
        case .none: 0
        case .applied: 1
        case .failed: 2
        }
    }

    fileprivate var code: String { if case .failed(let code, _) = self { code } else { "" } }
    fileprivate var text: String { if case .failed(_, let text) = self { text } else { "" } }
}

extension ApplicationReport {
    /// Entries of each list that are kept: with two texts of 255 bytes each that are nothing but quotes, which take two bytes in JSON, 128 KiB.
    private static let maximumEntries = 128

    /// As it is stored: nothing longer than people read, and no control characters, which take six bytes in JSON.
    fileprivate var bounded: Self {
        func cut(_ text: String) -> String {
            BoundedText.cut(
                String(String.UnicodeScalarView(text.unicodeScalars.map { $0.value < 0x20 ? "\u{fffd}" : $0 })),
                to: BoundedText.deviceName)
        }
        var outcome = outcome
        if case .failed(let code, let text) = outcome {
            outcome = .failed(
                code: BoundedText.cut(code, to: BoundedText.word), text: BoundedText.cut(text, to: BoundedText.sentence))
        }
        return Self(
            application: application, version: BoundedText.cut(version, to: BoundedText.word), state: state, outcome: outcome,
            settings: settings, changedLocally: changedLocally.prefix(Self.maximumEntries).map(cut),
            restricted: restricted.prefix(Self.maximumEntries).map(cut),
            problems: problems.prefix(Self.maximumEntries).map {
                ApplicationProblem(code: BoundedText.cut($0.code, to: BoundedText.word), subject: cut($0.subject))
            },
            facts: facts.prefix(Self.maximumEntries).map { ApplicationFact(name: cut($0.name), text: cut($0.text)) })
    }
}
