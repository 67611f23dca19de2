import MusterModel

/// Connection settings that the server wants and that are not in force: on trial, or tried in vain.
extension AgentState {
    /// What the server wants. - Returns: true when a trial begins.
    func offer(_ wanted: ConnectionSettings?) throws(AgentError) -> Bool {
        let current = ConnectionSettings(servers: try servers(), proxy: try proxy())
        return try database.transaction { (connection) throws(AgentError) in
            guard let wanted, wanted != current else {
                for name in [NamedValue.trial, .rejectedTrial, .rejectedWhy] { try connection.setValue(name, nil) }
                return false
            }
            let text = SQLiteValue.text(wanted.text)
            for name in [NamedValue.rejectedTrial, .trial] { if try connection.value(name) == text { return false } }
            try connection.setValue(.trial, text)
            for name in [NamedValue.rejectedTrial, .rejectedWhy] { try connection.setValue(name, nil) }
            return true
        }
    }

    /// Nil when nothing is on trial.
    func trial() throws(AgentError) -> ConnectionSettings? {
        try database.read { (connection) throws(AgentError) in try connection.value(.trial)?.text }
            .flatMap { ConnectionSettings(text: $0) }
    }

    /// A synchronization was completed over them. - Returns: false when others are on trial by now.
    func adoptTrial(_ settings: ConnectionSettings) throws(AgentError) -> Bool {
        guard try trial() == settings else { return false }
        try setServers(settings.servers)
        try setProxy(settings.proxy)
        try database.transaction { (connection) throws(AgentError) in
            // What a connection file said held for its addresses.
            try connection.setNoticePort(nil)
            try connection.setValue(.trial, nil)
        }
        return true
    }

    /// Those that were given up, as text; nil: none were.
    func rejectedTrial() throws(AgentError) -> String? {
        try database.read { (connection) throws(AgentError) in try connection.value(.rejectedTrial)?.text }
    }

    func rejectedWhy() throws(AgentError) -> String? {
        try database.read { (connection) throws(AgentError) in try connection.value(.rejectedWhy)?.text }
    }

    /// The same are not tried again. - Returns: false when others are on trial by now.
    func rejectTrial(_ settings: ConnectionSettings, why: String = "") throws(AgentError) -> Bool {
        guard try trial() == settings else { return false }
        try database.transaction { (connection) throws(AgentError) in
            try connection.setValue(.rejectedTrial, .text(settings.text))
            try connection.setValue(.rejectedWhy, why.isEmpty ? nil : .text(why))
            try connection.setValue(.trial, nil)
        }
        return true
    }
}
