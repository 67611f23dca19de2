package import MusterModel
package import MusterWire

/// What a stored document is to this device.
enum DocumentRole: Int64 {
    /// A reported one as it is now.
    case current = 1
    /// A reported one as the server acknowledged it last: what the next patch applies to.
    case acknowledged = 2
    /// A desired one, received whole.
    case held = 3
}

/// Documents. One whose bytes do not fit their digest any more reads as missing: it is made, sent or asked for anew.
extension AgentState {
    /// A reported document as it is on this device now.
    package func reported(_ name: DocumentName) throws(AgentError) -> Document? { try document(name, .current) }

    /// A reported document as the server acknowledged it last.
    package func acknowledged(_ name: DocumentName) throws(AgentError) -> Document? { try document(name, .acknowledged) }

    /// A desired document this device holds.
    package func held(_ name: DocumentName) throws(AgentError) -> Document? { try document(name, .held) }

    /// The Network Agent's effective settings as the server said them last; nil before the first synchronization.
    package func settings() throws(AgentError) -> AgentSettings? { try held(.agent).map { AgentSettings($0) } }

    /// The same as they are in force: without what the device's owner forbids.
    func settingsInForce() throws(AgentError) -> AgentSettings? {
        let body = try database.read { (connection) throws(AgentError) in try connection.value(.agentSettings)?.bytes }
        if let document = body.flatMap({ try? Document(encoded: $0) }) { return AgentSettings(document) }
        return try settings()
    }

    func saveSettingsInForce(_ settings: AgentSettings) throws(AgentError) {
        let body = Document(settings).body
        try database.transaction { (connection) throws(AgentError) in
            guard try connection.value(.agentSettings)?.bytes != body else { return }
            try connection.setValue(.agentSettings, .bytes(body))
        }
    }

    /// Stores a reported document and the events its change raises, as one: after a crash both are there or neither.
    /// - Returns: the spool's position when events were raised.
    @discardableResult
    package func saveReported(
        _ name: DocumentName, _ document: Document, raising events: [DeviceEvent] = [], in spool: Spool? = nil
    ) throws(AgentError) -> SpoolPosition? {
        try database.transaction { (connection) throws(AgentError) in
            try Self.write(document, name, .current, to: connection)
            guard !events.isEmpty, let spool else { return nil }
            return try spool.append(events, to: connection)
        }
    }

    /// The server has stored what was sent. `document` is what was sent, which may be older than what is current now.
    package func saveAcknowledged(_ name: DocumentName, _ document: Document) throws(AgentError) {
        try database.transaction { (connection) throws(AgentError) in
            try Self.write(document, name, .acknowledged, to: connection)
        }
    }

    /// The server says it holds the state of this digest. Without the bytes of that state there is no basis for a patch, and the
    /// next transfer is a whole one.
    package func markAcknowledged(_ name: DocumentName, _ digest: Digest) throws(AgentError) {
        guard try acknowledged(name)?.digest != digest else { return }
        let current = try reported(name)
        try database.transaction { (connection) throws(AgentError) in
            if let current, current.digest == digest {
                try Self.write(current, name, .acknowledged, to: connection)
            } else {
                try Self.remove(name, .acknowledged, from: connection)
            }
        }
    }

    /// Nothing is known any more of what the server has of a document.
    package func forgetAcknowledged(_ name: DocumentName) throws(AgentError) {
        try database.transaction { (connection) throws(AgentError) in try Self.remove(name, .acknowledged, from: connection) }
    }

    package func saveHeld(_ name: DocumentName, _ document: Document) throws(AgentError) {
        try database.transaction { (connection) throws(AgentError) in try Self.write(document, name, .held, to: connection) }
    }

    /// The digests of every reported document: what a root is made of. Bodies are not read.
    package func reportedDigests() throws(AgentError) -> [DocumentName: Digest] { try digests(.current) }
    package func acknowledgedDigests() throws(AgentError) -> [DocumentName: Digest] { try digests(.acknowledged) }
    package func heldDigests() throws(AgentError) -> [DocumentName: Digest] { try digests(.held) }

    private func document(_ name: DocumentName, _ role: DocumentRole) throws(AgentError) -> Document? {
        try database.read { (connection) throws(AgentError) in try connection.document(name, role) }
    }

    private func digests(_ role: DocumentRole) throws(AgentError) -> [DocumentName: Digest] {
        try database.read { (connection) throws(AgentError) in
            var digests: [DocumentName: Digest] = [:]
            try connection.scan("SELECT document, digest FROM document WHERE role = ?1", .integer(role.rawValue)) {
                (row) throws(AgentError) in
                if let name = DocumentName(rawValue: UInt32(clamping: row.integer(0))) {
                    digests[name] = Digest(bytes: row.bytes(1))
                }
                return true
            }
            return digests
        }
    }

    static func write(
        _ document: Document, _ name: DocumentName, _ role: DocumentRole, to connection: SQLiteConnection
    ) throws(AgentError) {
        try connection.run(
            """
            INSERT INTO document (document, role, digest, body) VALUES (?1, ?2, ?3, ?4)
            ON CONFLICT (document, role) DO UPDATE SET digest = excluded.digest, body = excluded.body
            """,
            .integer(Int64(name.rawValue)), .integer(role.rawValue), .bytes(document.digest.bytes), .bytes(document.body))
    }

    private static func remove(
        _ name: DocumentName, _ role: DocumentRole, from connection: SQLiteConnection
    ) throws(AgentError) {
        try connection.run(
            "DELETE FROM document WHERE document = ?1 AND role = ?2", .integer(Int64(name.rawValue)), .integer(role.rawValue))
    }
}

extension SQLiteConnection {
    func document(_ name: DocumentName, _ role: DocumentRole) throws(AgentError) -> Document? {
        let stored = try first(
            "SELECT digest, body FROM document WHERE document = ?1 AND role = ?2",
            .integer(Int64(name.rawValue)), .integer(role.rawValue)
        ) { (row) throws(AgentError) in (digest: row.bytes(0), body: row.bytes(1)) }
        guard let stored, let document = try? Document(encoded: stored.body), document.digest.bytes == stored.digest
        else { return nil }
        return document
    }
}
