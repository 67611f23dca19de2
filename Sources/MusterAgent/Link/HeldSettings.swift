import MusterModel
import MusterWire

/// Brings a desired document into force as it is stored: the synchronization interval and the pins. A pin set is replaced only by one
/// that is not empty; what is not understood stays as it was.
enum HeldSettings {
    static func apply(_ document: Document, named name: DocumentName, to state: AgentState) throws(AgentError) {
        if name == .agent {
            let settings = AgentSettings(document)
            try state.update { $0.syncInterval = settings.syncInterval }
            let current = try state.pins()
            if !settings.pins.isEmpty, Set(settings.pins) != Set(current) { try state.setPins(settings.pins) }
        }
        try state.saveHeld(name, document)
    }
}
