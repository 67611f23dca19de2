import FoundationEssentials
package import MusterModel
package import MusterWire

extension AgentSession {
    /// What the agent knows of itself and the server when it connects.
    package struct Opening: Sendable {
        package var agentVersion: String
        package var runID: UInt64
        package var bootID: [UInt8]
        package var reason: Muster_V1_HelloReason
        /// Number of the last session; 0 at first.
        package var session: UInt64
        package var requestCounter: UInt64
        package var events: EventPosition
        /// The documents as they are now, and as the server acknowledged them last.
        package var reported: [DocumentName: Digest]
        package var acknowledged: [DocumentName: Digest]
        package var held: [DocumentName: Digest]
        /// As the last Welcome said; everything at first.
        package var serverFeatures: FeatureSet
        package var time: Timestamp
        /// The connection was a permanent one, as far as the agent knows.
        package var isPermanent = false
        /// Sent once, after Welcome.
        package var statistics: DeviceStatistics?
        /// As written down: those that have no end yet, and those whose end the server may not know.
        package var actions: [ActionReport] = []
        /// Runs that have ended and whose output the server does not have, the oldest first.
        package var outputs: [RunID] = []

        package init(
            agentVersion: String, runID: UInt64, bootID: [UInt8], reason: Muster_V1_HelloReason, session: UInt64,
            requestCounter: UInt64 = 0, events: EventPosition, reported: [DocumentName: Digest],
            acknowledged: [DocumentName: Digest], held: [DocumentName: Digest], serverFeatures: FeatureSet = .own,
            time: Timestamp
        ) {
            self.agentVersion = agentVersion
            self.runID = runID
            self.bootID = bootID
            self.reason = reason
            self.session = session
            self.requestCounter = requestCounter
            self.events = events
            self.reported = reported
            self.acknowledged = acknowledged
            self.held = held
            self.serverFeatures = serverFeatures
            self.time = time
        }

        /// Digests go along only when the agent knows that the server has an older state: the usual Hello carries two roots.
        func hello(features: FeatureSet) -> Muster_V1_Hello {
            var hello = Muster_V1_Hello()
            hello.version = ProtocolVersion.major
            hello.agentVersion = agentVersion
            hello.features = FeatureSet.own.message
            hello.runID = runID
            hello.bootID = .init(bootID)
            hello.reason = reason
            hello.reportedRoot = .init(reported.root(of: features).bytes)
            hello.heldRoot = .init(held.root(of: features).bytes)
            if reported != acknowledged {
                var exchange = DocumentExchange(reported: reported, acknowledged: acknowledged, held: held)
                hello.digests = exchange.digests(features: features)
            }
            hello.events = events.message
            hello.requestCounter = requestCounter
            hello.session = session
            hello.time = time.milliseconds
            hello.permanent = isPermanent
            return hello
        }
    }
}

/// What the agent learns from a Welcome and keeps.
package struct ServerWord: Hashable, Sendable {
    package var time: Timestamp
    package var session: UInt64
    /// From now; the server's word, 0 when it gave none.
    package var nextSynchronization: Duration
    package var features: FeatureSet
    package var isPermanent: Bool
    /// How often the server pings a silent permanent connection; nil when it does not say.
    package var pingInterval: Duration?

    init(_ welcome: Muster_V1_Welcome) {
        time = Timestamp(milliseconds: welcome.time)
        session = welcome.session
        nextSynchronization = .milliseconds(Int64(clamping: welcome.nextSynchronization))
        features = FeatureSet(welcome.features)
        isPermanent = welcome.permanent
        pingInterval = welcome.pingInterval == 0 ? nil : .milliseconds(Int64(clamping: welcome.pingInterval))
    }
}

/// What a session moved.
package struct SessionSummary: Hashable, Sendable {
    package var isComplete = false
    package var documentsSent = 0
    /// As they travelled: patched and deflated.
    package var documentBytesSent = 0
    package var documentsReceived = 0
    package var events = 0
    package var isCertificateRenewed = false

    package init() {}
}

extension SessionSummary {
    /// What was moved since `earlier`.
    package static func - (later: Self, earlier: Self) -> Self {
        var result = later
        result.documentsSent -= earlier.documentsSent
        result.documentBytesSent -= earlier.documentBytesSent
        result.documentsReceived -= earlier.documentsReceived
        result.events -= earlier.events
        result.isCertificateRenewed = later.isCertificateRenewed && !earlier.isCertificateRenewed
        return result
    }
}

extension [DocumentName: Digest] {
    /// The root over the documents both sides know.
    package func root(of features: FeatureSet) -> Digest {
        Digest(root: filter { features.documents.contains($0.key) })
    }
}
