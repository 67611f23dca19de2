import MusterModel
import MusterWire

/// Brings a desired document into force as it is stored: the synchronization interval and the pins. A pin set is replaced only by one
/// that is not empty; what is not understood stays as it was.
enum HeldSettings {
    static func apply(_ document: Document, named name: DocumentName, to state: AgentState) throws(AgentError) {
        if name == .agent {
            let facts = document.facts()
            if case .integer(let seconds) = facts[AgentFact.syncInterval],
                let interval = SyncInterval(checking: .seconds(min(max(seconds, 0), 1_000_000)))
            {
                try state.update { $0.syncInterval = interval }
            }
            let pins = facts.keys.filter { $0.hasPrefix(AgentFact.pinPrefix) }.sorted()
                .compactMap { Fingerprint(String($0.dropFirst(AgentFact.pinPrefix.count))) }
            let current = try state.pins()
            if !pins.isEmpty, Set(pins) != Set(current) { try state.setPins(pins) }
        }
        try state.saveHeld(name, document)
    }
}
