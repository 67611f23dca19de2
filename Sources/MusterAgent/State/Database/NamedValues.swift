import MusterModel

/// The table `value`: single facts by name. Statements only; what they mean is `AgentState`'s and `ConnectionFacts`'.
enum NamedValue: String, CaseIterable {
    // Identity.
    case device, key, certificate, pendingKey
    // How to get to the server: beside the tables of addresses and pins.
    case proxy, noticePort, trial, rejectedTrial
    // What was let through the device's firewall.
    case openedPort
    // Settings: the document `agent` as it is in force, why settings on trial were given up, what the inventory was made from, and what was
    // wrong with the owner's ceiling.
    case agentSettings, rejectedWhy, inventorySources, ceilingFault
    // ConnectionFacts.
    case session, requestCounter, serverDocuments, serverCapabilities, syncInterval, serverCertificate, lastServer
    case lastConnection, lastSynchronization, nextSynchronization, clockOffset
    case failureReason, failureText, failureSince, failureAttempts, failureNextTry, failureReported
}

extension SQLiteConnection {
    func value(_ name: NamedValue) throws(AgentError) -> SQLiteValue? {
        try first("SELECT content FROM value WHERE name = ?1", .text(name.rawValue)) { (row) throws(AgentError) in row.value(0) }
    }

    /// All of them; names of other versions are left out.
    func allValues() throws(AgentError) -> [NamedValue: SQLiteValue] {
        var values: [NamedValue: SQLiteValue] = [:]
        try scan("SELECT name, content FROM value") { (row) throws(AgentError) in
            if let name = NamedValue(rawValue: row.text(0)) { values[name] = row.value(1) }
            return true
        }
        return values
    }

    /// Where shutdown notices go by the connection file; nil: where the server says.
    func noticePort() throws(AgentError) -> UInt16? { try value(.noticePort)?.integer.flatMap(UInt16.init(exactly:)) }

    func setNoticePort(_ port: UInt16?) throws(AgentError) {
        try setValue(.noticePort, port.map { .integer(Int64($0)) })
    }

    /// Nil removes it.
    func setValue(_ name: NamedValue, _ value: SQLiteValue?) throws(AgentError) {
        guard let value, value != .null else { return try run("DELETE FROM value WHERE name = ?1", .text(name.rawValue)) }
        try run(
            "INSERT INTO value (name, content) VALUES (?1, ?2) ON CONFLICT (name) DO UPDATE SET content = excluded.content",
            .text(name.rawValue), value)
    }
}

extension ConnectionFacts {
    /// A value of another type or out of range reads as unknown: the next session learns it anew.
    init(_ values: [NamedValue: SQLiteValue]) {
        self.init()
        session = values[.session]?.integer.map(UInt64.init(bitPattern:)) ?? 0
        requestCounter = values[.requestCounter]?.integer.map(UInt64.init(bitPattern:)) ?? 0
        serverDocuments = Self.numbers(values[.serverDocuments])
        serverCapabilities = Self.numbers(values[.serverCapabilities])
        syncInterval = values[.syncInterval]?.integer.flatMap { SyncInterval(checking: .milliseconds($0)) } ?? .standard
        serverCertificateDER = values[.serverCertificate]?.bytes
        lastServer = values[.lastServer]?.text
        lastConnection = Self.time(values[.lastConnection])
        lastSynchronization = Self.time(values[.lastSynchronization])
        nextSynchronization = Self.time(values[.nextSynchronization])
        clockOffset = values[.clockOffset]?.integer.map { .milliseconds($0) }
        failure = Self.failure(values)
    }

    /// Every value of these facts, nil for what is not known: the inverse of `init(_:)`.
    var values: [NamedValue: SQLiteValue?] {
        [
            .session: .bits(session), .requestCounter: .bits(requestCounter),
            .serverDocuments: Self.text(serverDocuments), .serverCapabilities: Self.text(serverCapabilities),
            .syncInterval: .integer(syncInterval.duration.milliseconds),
            .serverCertificate: serverCertificateDER.map { .bytes($0) },
            .lastServer: lastServer.map { .text($0) },
            .lastConnection: lastConnection.map { .time($0) },
            .lastSynchronization: lastSynchronization.map { .time($0) },
            .nextSynchronization: nextSynchronization.map { .time($0) },
            .clockOffset: clockOffset.map { .integer($0.milliseconds) },
            .failureReason: failure.map { .integer(Int64($0.reason.rawValue)) },
            .failureText: failure.map { .text($0.text) },
            .failureSince: failure.map { .time($0.since) },
            .failureAttempts: failure.map { .integer(Int64($0.attempts)) },
            .failureNextTry: failure?.nextTry.map { .time($0) },
            .failureReported: failure?.isReported == true ? .integer(1) : nil,
        ]
    }

    private static func failure(_ values: [NamedValue: SQLiteValue]) -> ConnectionFailure? {
        guard let number = values[.failureReason]?.integer, let code = UInt32(exactly: number),
            let since = time(values[.failureSince])
        else { return nil }
        return ConnectionFailure(
            reason: CloseReason(rawValue: code) ?? .internalError, text: values[.failureText]?.text ?? "", since: since,
            attempts: Int(clamping: values[.failureAttempts]?.integer ?? 1), nextTry: time(values[.failureNextTry]),
            isReported: values[.failureReported]?.integer == 1)
    }

    private static func time(_ value: SQLiteValue?) -> Timestamp? { value?.integer.map(Timestamp.init(milliseconds:)) }

    private static func numbers(_ value: SQLiteValue?) -> [UInt32] {
        (value?.text ?? "").split(separator: ",").compactMap { UInt32($0) }
    }

    private static func text(_ numbers: [UInt32]) -> SQLiteValue? {
        numbers.isEmpty ? nil : .text(numbers.map { "\($0)" }.joined(separator: ","))
    }
}
