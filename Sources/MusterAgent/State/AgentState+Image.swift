import MusterModel

extension AgentState {
    /// Leaves nothing of this device's identity: key, certificate, id, what was said with the server, documents, events. Addresses, proxy and
    /// pins stay, and what was opened in the firewall: they are the same on every machine made from the image. Deleted bytes are overwritten, in the file and in its log.
    package func emptyForImage(newEpoch: UInt64 = .random(in: 1 ... .max)) throws(AgentError) {
        try database.read { (connection) throws(AgentError) in try connection.execute("PRAGMA secure_delete = ON") }
        try database.transaction { (connection) throws(AgentError) in
            try connection.run(
                "DELETE FROM value WHERE name NOT IN (?1, ?2, ?3)", .text(NamedValue.proxy.rawValue),
                .text(NamedValue.noticePort.rawValue), .text(NamedValue.openedPort.rawValue))
            for table in ["document", "action", "application", "run", "task", "spool"] {
                try connection.execute("DELETE FROM \(table)")
            }
            try connection.run(
                "UPDATE spool_state SET epoch = ?1, next = 1, events = 0, bytes = 0, deleted_stamp = 0", .bits(newEpoch))
        }
        try database.read { (connection) throws(AgentError) in
            try connection.execute("VACUUM")
            try connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        }
    }
}
