import FoundationEssentials
import MusterModel
import MusterWire

/// The agent's documents in one session: which the server wants, which are under way, which it still sends.
struct DocumentExchange: Sendable {
    private var reported: [DocumentName: Digest]
    private var held: [DocumentName: Digest]
    /// What the server was last told of; nil before it was told anything in this session.
    private var offered: [DocumentName: Digest]
    /// What the server holds, as far as this side knows.
    private var acknowledged: [DocumentName: Digest]
    /// Wanted, being made ready or sent, without a result.
    private var outgoing: Set<DocumentName> = []
    /// Announced by the server and not stored yet.
    private var coming: Set<DocumentName> = []
    private var incoming: IncomingDocument?
    /// Here whole, being stored.
    private var holding: Set<DocumentName> = []
    /// Sent whole already: a second refusal is final in this session.
    private var sentWhole: Set<DocumentName> = []

    init(reported: [DocumentName: Digest], acknowledged: [DocumentName: Digest], held: [DocumentName: Digest]) {
        self.reported = reported
        self.held = held
        self.acknowledged = acknowledged
        offered = reported
    }

    var isSettled: Bool { outgoing.isEmpty && coming.isEmpty && holding.isEmpty && incoming == nil }
    /// A document changed since the server was last told.
    var hasChanges: Bool { offered != reported }

    mutating func changed(_ reported: [DocumentName: Digest]) { self.reported = reported }

    mutating func digests(features: FeatureSet) -> Muster_V1_DocumentDigests {
        offered = reported
        var message = Muster_V1_DocumentDigests()
        message.reported = Self.list(reported, features)
        message.held = Self.list(held, features)
        return message
    }

    /// - Parameter features: what both sides know; nothing is learnt of other documents.
    mutating func planned(_ plan: Muster_V1_DocumentPlan, features: FeatureSet) -> [AgentSession.Action] {
        coming = Set(plan.coming.compactMap(DocumentName.init(rawValue:)).filter { $0.direction == .desired })
        sentWhole = []
        var actions = unwanted(by: plan, features: features)
        for wanted in plan.wanted {
            guard let name = DocumentName(rawValue: wanted.document), reported[name] != nil, outgoing.insert(name).inserted
            else { continue }
            actions.append(.prepareDocument(name, basis: Digest(bytes: Array(wanted.digest))))
        }
        return actions
    }

    /// Documents that were offered and are not wanted: the server holds them, also where its answer was lost with an earlier session.
    private mutating func unwanted(by plan: Muster_V1_DocumentPlan, features: FeatureSet) -> [AgentSession.Action] {
        let wanted = Set(plan.wanted.map(\.document))
        var actions: [AgentSession.Action] = []
        for (name, digest) in offered.sorted(by: { $0.key < $1.key })
        where acknowledged[name] != digest && features.documents.contains(name) && !wanted.contains(name.rawValue) {
            acknowledged[name] = digest
            actions.append(.keepAcknowledged(name, digest))
        }
        return actions
    }

    mutating func sent(_ head: Muster_V1_DocumentHead) {
        if let name = DocumentName(rawValue: head.document), head.basis.isEmpty { sentWhole.insert(name) }
    }

    mutating func resultReceived(_ result: Muster_V1_DocumentResult) throws(WireError) -> [AgentSession.Action] {
        guard let name = DocumentName(rawValue: result.document), outgoing.contains(name) else {
            throw .malformedFrame("a result for document \(result.document), which was not sent")
        }
        switch result.status {
        case .stored:
            outgoing.remove(name)
            guard let digest = Digest(bytes: Array(result.digest)) else { return [] }
            acknowledged[name] = digest
            return [.keepAcknowledged(name, digest)]
        case .basisUnknown where !sentWhole.contains(name), .digestMismatch where !sentWhole.contains(name):
            return [.prepareDocument(name, basis: nil)]
        default:
            outgoing.remove(name)
            return []
        }
    }

    mutating func headReceived(_ head: Muster_V1_DocumentHead) throws(WireError) -> [AgentSession.Action] {
        guard incoming == nil else { throw .malformedFrame("a document begins in the middle of another") }
        let document = try IncomingDocument(head: head)
        guard coming.contains(document.name) else { throw .malformedFrame("document \(document.name) was not announced") }
        incoming = document
        return finishedIfComplete()
    }

    mutating func chunkReceived(_ chunk: Muster_V1_DocumentChunk) throws(WireError) -> [AgentSession.Action] {
        guard incoming != nil else { throw .malformedFrame("a chunk without a document") }
        try incoming?.chunkReceived(chunk)
        return finishedIfComplete()
    }

    private mutating func finishedIfComplete() -> [AgentSession.Action] {
        guard let document = incoming, document.isComplete else { return [] }
        incoming = nil
        coming.remove(document.name)
        holding.insert(document.name)
        return [.hold(document)]
    }

    /// - Returns: nil when nothing of that name was being stored.
    mutating func held(_ name: DocumentName, _ digest: Digest, status: Muster_V1_DocumentStatus) -> Muster_V1_DocumentResult? {
        guard holding.remove(name) != nil else { return nil }
        if status == .stored { held[name] = digest }
        var result = Muster_V1_DocumentResult()
        result.document = name.rawValue
        result.digest = .init(digest.bytes)
        result.status = status
        return result
    }

    private static func list(_ digests: [DocumentName: Digest], _ features: FeatureSet) -> [Muster_V1_DocumentDigest] {
        digests.filter { features.documents.contains($0.key) }.sorted { $0.key < $1.key }.map { name, digest in
            var entry = Muster_V1_DocumentDigest()
            entry.document = name.rawValue
            entry.digest = .init(digest.bytes)
            return entry
        }
    }
}
