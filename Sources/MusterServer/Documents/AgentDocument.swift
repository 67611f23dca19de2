import MusterModel
import MusterWire

/// The desired document `agent`: the Network Agent's effective settings and the pins. The same for all devices until policies exist.
enum AgentDocument {
    static func make(interval: SyncInterval, pins: [Fingerprint]) -> Document {
        Document(AgentSettings(syncInterval: interval, pins: pins))
    }
}
