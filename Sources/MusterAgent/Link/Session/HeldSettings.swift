import MusterModel
import MusterWire

/// Brings a desired document into force as it is stored: the synchronization interval and the pins; addresses and proxy come on trial. What is
/// not understood, and what the device's owner forbids, stays as it was.
enum HeldSettings {
    /// - Parameter pin: of the server's key as it is shown on this connection: a set without it would lock the device out.
    /// - Returns: whether connection settings are on trial from now on.
    static func apply(
        _ document: Document, named name: DocumentName, pin: Fingerprint?, under ceiling: Ceiling, to state: AgentState
    ) throws(AgentError) -> Bool {
        var begins = false
        if name == .agent {
            let settings = AgentSettings(document)
            let current = try state.pins()
            let isSafe = pin.map { settings.pins.contains($0) } ?? !settings.pins.isEmpty
            if isSafe, Set(settings.pins) != Set(current) { try state.setPins(settings.pins) }
            begins = try bringIntoForce(settings, under: ceiling, state)
        }
        try state.saveHeld(name, document)
        return begins
    }

    /// What is held, but for the pins, which only a connection to their server confirms: the owner's ceiling may be another.
    static func bringIntoForceAgain(under ceiling: Ceiling, _ state: AgentState) throws(AgentError) -> Bool {
        guard let settings = try state.settings() else { return false }
        return try bringIntoForce(settings, under: ceiling, state)
    }

    private static func bringIntoForce(
        _ settings: AgentSettings, under ceiling: Ceiling, _ state: AgentState
    ) throws(AgentError) -> Bool {
        let current = try state.settingsInForce() ?? AgentSettings(pins: [])
        let permitted = ceiling.limiting(settings, current: current, proxy: try state.proxy())
        try state.update { $0.syncInterval = permitted.syncInterval }
        let begins = try state.offer(permitted.connection)
        try state.saveSettingsInForce(permitted)
        return begins
    }
}
