import MusterModel
import MusterWire

/// The desired document `agent`: the Network Agent's effective settings and the pins. The same for all devices until policies exist.
enum AgentDocument {
    static func make(interval: SyncInterval, pins: [Fingerprint]) -> Document {
        var facts: [String: Document.FactValue] = [
            AgentFact.syncInterval: .integer(interval.duration.milliseconds / 1000)
        ]
        for pin in pins { facts[AgentFact.pinPrefix + pin.description] = .integer(1) }
        return Document(facts: facts)
    }
}
