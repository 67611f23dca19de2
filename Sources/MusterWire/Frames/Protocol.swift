package import MusterModel

/// The protocol's version and what this code knows of it. docs/protocol.md has its history.
package enum ProtocolVersion {
    /// The major version: lives two years. Everything else is a feature.
    package static let major: UInt32 = 1
    /// ALPN of a session: client certificate required.
    package static let sessionALPN = "muster/1"
    /// ALPN of an enrolment: no client certificate.
    package static let enrolmentALPN = "muster-enrol/1"
    package static let defaultPort = 13000
}

/// What is no document and not known from the first version on. Numbers travel and are never reused.
package enum Capability: UInt32, CaseIterable, Hashable, Sendable {
    /// The connection stays open after Done; DigestsWanted, plans with a time.
    case permanentConnections = 1
    /// Action, ActionReport, ActionSettled.
    case actions = 2
    case statistics = 3
    /// A copy of a device enrols as one of its own when a Goodbye gives it a token.
    case enrolAnew = 4
    /// Actions with a payload, RunOutput, RunOutputStored, runs in Statistics.
    case tasks = 5
}

/// What both sides of a connection know: only that is used.
package struct FeatureSet: Hashable, Sendable {
    package var documents: Set<DocumentName>
    package var capabilities: Set<Capability>

    package static let own = FeatureSet(documents: Set(DocumentName.allCases), capabilities: Set(Capability.allCases))

    package init(documents: Set<DocumentName>, capabilities: Set<Capability> = []) {
        self.documents = documents
        self.capabilities = capabilities
    }

    /// Numbers not known here are left out.
    package init(_ message: Muster_V1_Features) {
        documents = Set(message.documents.compactMap(DocumentName.init(rawValue:)))
        capabilities = Set(message.capabilities.compactMap(Capability.init(rawValue:)))
    }

    package var message: Muster_V1_Features {
        var message = Muster_V1_Features()
        message.documents = documents.map(\.rawValue).sorted()
        message.capabilities = capabilities.map(\.rawValue).sorted()
        return message
    }

    package func common(with other: FeatureSet) -> FeatureSet {
        FeatureSet(
            documents: documents.intersection(other.documents), capabilities: capabilities.intersection(other.capabilities))
    }
}
