import Logging
import MusterModel

/// The owner's ceiling: said when it cannot be read, and brought into force when it is another.
extension AgentService {
    /// Known across restarts, so that one fault is one event.
    func settleCeiling() async {
        let (standing, now) = (ceiling.standing, now())
        if let fault = standing.fault {
            logger.error("ceiling.unreadable", metadata: ["file": "\(standing.path)", "error": "\(fault)"])
        }
        let isRaised = try? await storage.run { state, spool in try state.note(standing, in: spool, now: now) }
        if isRaised == true { mailbox.put(.eventsAppended) }
    }

    func watchCeiling() async {
        let directory = ceiling.file.directory
        let watcher = PackageWatcher(directories: { [FileStamp(directory) == nil ? parent(of: directory) : directory] })
        for await _ in watcher.changes() where ceiling.readAgain() {
            await settleCeiling()
            logger.notice("ceiling.changed", metadata: ["file": "\(ceiling.file.path)"])
            connectors.settingsMayHaveChanged()
            await refreshInventory()
        }
    }
}

/// Of a directory, from the root.
func parent(of directory: String) -> String {
    let parts = directory.split(separator: "/").dropLast()
    return "/" + parts.joined(separator: "/")
}

extension AgentState {
    /// - Returns: whether an event was raised.
    fileprivate func note(_ standing: CeilingStanding, in spool: Spool, now: Timestamp) throws(AgentError) -> Bool {
        try database.transaction { (connection) throws(AgentError) in
            guard try connection.value(.ceilingFault)?.text != standing.fault else { return false }
            try connection.setValue(.ceilingFault, standing.fault.map { .text($0) })
            guard let fault = standing.fault else { return false }
            let event = DeviceEvent(
                type: EventType.ceilingUnreadable, severity: .error, occurred: now,
                parameters: ["file": .text(standing.path), "reason": .text(fault)],
                text: "\(standing.path): \(fault). Everything that it may forbid is forbidden until it can be read")
            _ = try spool.append([event], to: connection)
            return true
        }
    }
}
