import MusterModel
import MusterWire

/// Managed applications in the agent's database: what was applied, and their document.
extension AgentState {
    func known(_ connector: any Connector, under ceiling: Ceiling) throws(AgentError) -> KnownApplication {
        let application = connector.application
        let reports = try reported(.applications).flatMap { try? $0.applications() } ?? []
        return KnownApplication(
            part: try part(connector, under: ceiling), record: try record(of: application),
            report: reports.first { $0.application == application },
            memory: try database.read { (connection) throws(AgentError) in try connection.memory(of: application) })
    }

    private func part(_ connector: any Connector, under ceiling: Ceiling) throws(AgentError) -> DesiredPart {
        let application = connector.application
        var part = DesiredPart(restricted: ceiling.restricted(connector.manifest))
        switch connector.desired {
        case .agent:
            part.digest = try held(.agent)?.digest
            part.settings = try settingsInForce()?.comparedSettings ?? [:]
        case .settings:
            guard let document = try held(.settings)?.settings(of: application) else { return part }
            part.digest = document.digest
            // A key that this version does not know is passed over, as a value of an unknown kind is.
            part.settings = (document.settings()[application] ?? [:]).filter { connector.manifest[$0.key] != nil }
        }
        part.settings = part.settings.filter { !ceiling.forbids($0.key, of: application) }
        return part
    }

    private func record(of application: ApplicationID) throws(AgentError) -> ApplicationRecord? {
        try database.read { (connection) throws(AgentError) in
            try connection.first(
                "SELECT settings, code, text, applied FROM application WHERE application = ?1", .text(application.description)
            ) { (row) throws(AgentError) in
                // One that is damaged is made anew: the settings are applied again.
                guard let digest = Digest(bytes: row.bytes(0)), let applied = try? Document(encoded: row.bytes(3)) else {
                    return nil
                }
                return ApplicationRecord(
                    digest: digest, failure: row.text(1).isEmpty ? nil : ConnectorError(row.text(1), row.text(2)),
                    applied: applied.settings()[application] ?? [:])
            }
        } ?? nil
    }

    /// Stores what became of an application and what happened, as one.
    /// - Returns: whether the document changed, and the spool's position when events were raised.
    func save(
        _ report: ApplicationReport, record: ApplicationRecord?, memory: [UInt8]?, raising events: [DeviceEvent], in spool: Spool
    ) throws(AgentError) -> (isChanged: Bool, position: SpoolPosition?) {
        let current = try reported(.applications)
        var reports = current.flatMap { try? $0.applications() } ?? []
        reports.removeAll { $0.application == report.application }
        let document = Document(applications: reports + [report])
        return try database.transaction { (connection) throws(AgentError) in
            if let record { try connection.save(record, of: report.application) }
            if let memory { try connection.setMemory(memory, of: report.application) }
            let isChanged = document.digest != current?.digest
            if isChanged { try Self.write(document, .applications, .current, to: connection) }
            return (isChanged, events.isEmpty ? nil : try spool.append(events, to: connection))
        }
    }

    /// Of connectors that this agent does not have any more. - Returns: whether there were any.
    func removeApplications(except known: Set<ApplicationID>) throws(AgentError) -> Bool {
        guard let reports = try reported(.applications).flatMap({ try? $0.applications() }),
            reports.contains(where: { !known.contains($0.application) })
        else { return false }
        try saveReported(.applications, Document(applications: reports.filter { known.contains($0.application) }))
        return true
    }

    /// Of a connector that is gone. - Returns: whether it was reported.
    func removeApplication(_ application: ApplicationID) throws(AgentError) -> Bool {
        let others = try reported(.applications).flatMap { try? $0.applications() }?.map(\.application) ?? []
        return try removeApplications(except: Set(others.filter { $0 != application }))
    }
}

extension SQLiteConnection {
    /// In the table of single facts: `memory/APPLICATION`.
    fileprivate func memory(of application: ApplicationID) throws(AgentError) -> [UInt8]? {
        try first("SELECT content FROM value WHERE name = ?1", .text("memory/\(application)")) { (row) throws(AgentError) in
            row.value(0).bytes
        } ?? nil
    }

    fileprivate func setMemory(_ memory: [UInt8], of application: ApplicationID) throws(AgentError) {
        try run(
            "INSERT INTO value (name, content) VALUES (?1, ?2) ON CONFLICT (name) DO UPDATE SET content = excluded.content",
            .text("memory/\(application)"), .bytes(memory))
    }

    fileprivate func save(_ record: ApplicationRecord, of application: ApplicationID) throws(AgentError) {
        try run(
            """
            INSERT INTO application (application, settings, code, text, applied) VALUES (?1, ?2, ?3, ?4, ?5)
            ON CONFLICT (application) DO UPDATE SET settings = excluded.settings, code = excluded.code, text = excluded.text,
                applied = excluded.applied
            """, .text(application.description), .bytes(record.digest.bytes), .text(record.failure?.code ?? ""),
            .text(record.failure?.text ?? ""), .bytes(Document(settings: [application: record.applied]).body))
    }
}
