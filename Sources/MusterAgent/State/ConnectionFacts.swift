package import MusterModel
import MusterWire

/// What the agent remembers of its connections across restarts. Read and written as one value (`AgentState.facts`, `update`).
package struct ConnectionFacts: Hashable, Sendable {
    /// Number of the last session the server gave; 0 before the first.
    package var session: UInt64 = 0
    /// Highest counter of a connection request seen; 0 before the first.
    package var requestCounter: UInt64 = 0
    /// Numbers of the documents and capabilities the server said it knows.
    package var serverDocuments: [UInt32] = []
    package var serverCapabilities: [UInt32] = []
    package var syncInterval: SyncInterval = .standard
    /// As the server presented it last: to show and compare, not to trust.
    package var serverCertificateDER: [UInt8]?
    /// Which of the server's addresses was connected to last.
    package var lastServer: String?
    /// By the device's clock.
    package var lastConnection: Timestamp?
    package var lastSynchronization: Timestamp?
    package var nextSynchronization: Timestamp?
    /// Server minus device, as learnt last.
    package var clockOffset: Duration?
    /// Nil while connections succeed.
    package var failure: ConnectionFailure?

    package init() {}
}

extension ConnectionFacts {
    /// As the last Welcome said; everything before the first.
    var serverFeatures: FeatureSet {
        let documents = Set(serverDocuments.compactMap(DocumentName.init(rawValue:)))
        guard !documents.isEmpty else { return .own }
        return FeatureSet(documents: documents, capabilities: Set(serverCapabilities.compactMap(Capability.init(rawValue:))))
    }
}
