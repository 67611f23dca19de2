import MusterModel
import MusterWire

/// Brings a desired document into force as it is stored: the synchronization interval and the pins; addresses and proxy come on trial. What is
/// not understood stays as it was.
enum HeldSettings {
    /// - Parameter pin: of the server's key as it is shown on this connection: a set without it would lock the device out.
    /// - Returns: whether connection settings are on trial from now on.
    static func apply(
        _ document: Document, named name: DocumentName, pin: Fingerprint?, to state: AgentState
    ) throws(AgentError) -> Bool {
        var begins = false
        if name == .agent {
            let settings = AgentSettings(document)
            try state.update { $0.syncInterval = settings.syncInterval }
            let current = try state.pins()
            let isSafe = pin.map { settings.pins.contains($0) } ?? !settings.pins.isEmpty
            if isSafe, Set(settings.pins) != Set(current) { try state.setPins(settings.pins) }
            begins = try state.offer(settings.connection)
        }
        try state.saveHeld(name, document)
        return begins
    }
}
