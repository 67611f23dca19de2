package import MusterModel

/// What the agent must still know after a crash, by its meaning: who it is, whom it trusts, what its connections taught it.
/// Documents are in `AgentState+Documents.swift`, events in `Spool`; all of it is in one `AgentDatabase`.
///
/// Every call is one transaction, durable when it returns, and blocks for it: never on an event loop.
package struct AgentState: Sendable {
    package let database: AgentDatabase

    package init(_ database: AgentDatabase) { self.database = database }

    /// Nil before enrolment.
    /// - Throws: `stateDamaged` when only a part of it is there.
    package func identity() throws(AgentError) -> Identity? {
        let path = database.path
        return try database.read { (connection) throws(AgentError) in try connection.identity(in: path) }
    }

    /// The keys a server of ours may use. Empty before enrolment only.
    package func pins() throws(AgentError) -> [Fingerprint] {
        try database.read { (connection) throws(AgentError) in try connection.pins() }
    }

    /// Replaces the pin set. - Throws: `internalError` for an empty one: it would lock the agent out for good.
    package func setPins(_ pins: [Fingerprint]) throws(AgentError) {
        try database.transaction { (connection) throws(AgentError) in try Self.write(pins: pins, to: connection) }
    }

    /// In order of preference.
    package func servers() throws(AgentError) -> [ServerAddress] {
        try database.read { (connection) throws(AgentError) in try connection.servers() }
    }

    package func setServers(_ servers: [ServerAddress]) throws(AgentError) {
        try database.transaction { (connection) throws(AgentError) in try Self.write(servers: servers, to: connection) }
    }

    /// What the servers are reached through; nil: nothing. Secret where it has a password.
    package func proxy() throws(AgentError) -> ProxyAddress? {
        try database.read { (connection) throws(AgentError) in try connection.proxy() }
    }

    package func setProxy(_ proxy: ProxyAddress?) throws(AgentError) {
        try database.transaction { (connection) throws(AgentError) in
            try connection.setValue(.proxy, proxy.map { .text($0.url) })
        }
    }

    /// Where to connect, through what, and whom to believe there, as one.
    func setConnection(
        servers: [ServerAddress], proxy: ProxyAddress?, noticePort: UInt16?, pins: [Fingerprint]
    ) throws(AgentError) {
        try database.transaction { (connection) throws(AgentError) in
            try Self.write(pins: pins, to: connection)
            try Self.write(servers: servers, to: connection)
            try connection.setValue(.proxy, proxy.map { .text($0.url) })
            try connection.setNoticePort(noticePort)
        }
    }

    /// A key made for an enrolment or a renewal that has not ended yet. It is saved before it is used, so that an interrupted
    /// enrolment goes on with the same key and becomes the same device.
    package func pendingKeyPEM() throws(AgentError) -> String? {
        try database.read { (connection) throws(AgentError) in try connection.value(.pendingKey)?.text }
    }

    package func savePendingKey(_ pem: String?) throws(AgentError) {
        try database.transaction { (connection) throws(AgentError) in
            try connection.setValue(.pendingKey, pem.map { .text($0) })
        }
    }

    /// Enrolment is complete. Where the device is another than before, what was said between the former device and its server is
    /// forgotten, and events still held stand under a new epoch.
    package func adopt(_ enrolment: Enrolment, newEpoch: UInt64 = .random(in: 1 ... .max)) throws(AgentError) {
        try database.transaction { (connection) throws(AgentError) in
            let identity = enrolment.identity
            if try connection.value(.device)?.bytes != identity.device.bytes {
                try connection.run("DELETE FROM document WHERE role <> ?1", .integer(DocumentRole.current.rawValue))
                for table in ["action", "application", "task"] { try connection.execute("DELETE FROM \(table)") }
                for name in [NamedValue.agentSettings, .rejectedWhy] { try connection.setValue(name, nil) }
                for name in ConnectionFacts().values.keys { try connection.setValue(name, nil) }
                var spool = SpoolTable(connection)
                if try spool.state().next > 1 { try spool.renumber(newEpoch: newEpoch) }
            }
            try connection.setValue(.device, .bytes(identity.device.bytes))
            try connection.setValue(.key, .text(identity.keyPEM))
            try connection.setValue(.certificate, .bytes(identity.certificateDER))
            try connection.setValue(.pendingKey, nil)
            if let certificate = enrolment.serverCertificateDER {
                try connection.setValue(.serverCertificate, .bytes(certificate))
            }
            try Self.write(pins: enrolment.pins, to: connection)
            try Self.write(servers: enrolment.servers, to: connection)
            try connection.setValue(.proxy, enrolment.proxy.map { .text($0.url) })
            try connection.setNoticePort(enrolment.noticePort)
        }
    }

    /// Renewal is complete: the pending key becomes the key, together with its certificate.
    package func adoptRenewed(certificateDER: [UInt8]) throws(AgentError) {
        try database.transaction { (connection) throws(AgentError) in
            guard let key = try connection.value(.pendingKey)?.text else {
                throw AgentError(.internalError, "a renewed certificate came, and no key waits for one")
            }
            try connection.setValue(.key, .text(key))
            try connection.setValue(.certificate, .bytes(certificateDER))
            try connection.setValue(.pendingKey, nil)
        }
    }

    package func facts() throws(AgentError) -> ConnectionFacts {
        try database.read { (connection) throws(AgentError) in ConnectionFacts(try connection.allValues()) }
    }

    /// Changes some of the facts; nothing is written when none differs. - Returns: the facts after it.
    @discardableResult
    package func update(_ change: (inout ConnectionFacts) -> Void) throws(AgentError) -> ConnectionFacts {
        try database.transaction { (connection) throws(AgentError) in
            let old = ConnectionFacts(try connection.allValues())
            var new = old
            change(&new)
            guard new != old else { return old }
            let before = old.values
            for (name, value) in new.values where before[name] != .some(value) { try connection.setValue(name, value) }
            return new
        }
    }

    private static func write(pins: [Fingerprint], to connection: SQLiteConnection) throws(AgentError) {
        guard !pins.isEmpty else { throw AgentError(.internalError, "a pin set is never empty") }
        try connection.run("DELETE FROM pin")
        var seen: Set<Fingerprint> = []
        for (position, pin) in pins.enumerated() where seen.insert(pin).inserted {
            try connection.run("INSERT INTO pin VALUES (?1, ?2)", .integer(Int64(position)), .bytes(pin.bytes))
        }
    }

    private static func write(servers: [ServerAddress], to connection: SQLiteConnection) throws(AgentError) {
        guard !servers.isEmpty else { throw AgentError(.internalError, "the list of server addresses is never empty") }
        try connection.run("DELETE FROM server_address")
        for (position, server) in servers.enumerated() {
            try connection.run(
                "INSERT INTO server_address VALUES (?1, ?2, ?3)",
                .integer(Int64(position)), .text(server.host), .integer(Int64(server.port)))
        }
    }
}
