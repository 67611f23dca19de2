import FoundationEssentials
import MusterModel
import MusterWire

/// The server's side of the documents of one session: which it asked for and is storing, which are on their way to the device.
struct ServerDocuments: Sendable {
    private var incoming: IncomingDocument?
    /// Asked for and not here whole.
    private var wanted: Set<DocumentName> = []
    /// Being stored; true: came as a patch.
    private var storing: [DocumentName: Bool] = [:]
    /// On their way to the device, without its result.
    private var outgoing: Set<DocumentName> = []
    /// Of those, being made ready.
    private var preparing: Set<DocumentName> = []

    /// Everything of the last plan has come, been stored and been answered.
    var isPlanDone: Bool { wanted.isEmpty && storing.isEmpty && outgoing.isEmpty }
    var isDone: Bool { isPlanDone && incoming == nil }
    /// The device waits for this side.
    var owesAnswer: Bool { !storing.isEmpty || !preparing.isEmpty }

    /// The documents both sides know whose digests differ: wanted from the device, and coming to it.
    mutating func plan(
        for digests: Muster_V1_DocumentDigests, of device: ServerSession.Device, _ features: FeatureSet
    ) -> Muster_V1_DocumentPlan {
        let reported = Self.read(digests.reported)
        let held = Self.read(digests.held)
        var plan = Muster_V1_DocumentPlan()
        for name in features.documents.sorted() {
            switch name.direction {
            case .reported where reported[name] != nil && reported[name] != device.reported[name]:
                wanted.insert(name)
                var entry = Muster_V1_DocumentDigest()
                entry.document = name.rawValue
                entry.digest = .init(device.reported[name]?.bytes ?? [])
                plan.wanted.append(entry)
            case .desired where device.desired[name] != nil && held[name] != device.desired[name]:
                outgoing.insert(name)
                plan.coming.append(name.rawValue)
            case .reported, .desired: break
            }
        }
        preparing = outgoing
        return plan
    }

    /// After `plan`.
    var toPrepare: [ServerSession.Action] { preparing.sorted().map { .prepareDocument($0) } }

    mutating func ready(_ document: OutgoingDocument) {
        if let name = DocumentName(rawValue: document.head.document) { preparing.remove(name) }
    }

    mutating func headReceived(_ head: Muster_V1_DocumentHead) throws(WireError) -> [ServerSession.Action] {
        guard incoming == nil else { throw .malformedDocument("a document begins in the middle of another") }
        let document = try IncomingDocument(head: head)
        guard wanted.contains(document.name) else { throw .malformedDocument("document \(document.name) was not asked for") }
        incoming = document
        return [.reserveMemory(document.memory)] + storeIfComplete()
    }

    mutating func chunkReceived(_ chunk: Muster_V1_DocumentChunk) throws(WireError) -> [ServerSession.Action] {
        guard incoming != nil else { throw .malformedDocument("a chunk without a document") }
        try incoming?.chunkReceived(chunk)
        return storeIfComplete()
    }

    private mutating func storeIfComplete() -> [ServerSession.Action] {
        guard let document = incoming, document.isComplete else { return [] }
        incoming = nil
        wanted.remove(document.name)
        storing[document.name] = document.basis != nil
        return [.storeDocument(document)]
    }

    /// - Returns: false when nothing of that name was being stored.
    mutating func stored(_ name: DocumentName, _ status: Muster_V1_DocumentStatus) -> Bool {
        guard let cameAsPatch = storing.removeValue(forKey: name) else { return false }
        switch status {
        // A whole one that is refused does not come again in this session.
        case .basisUnknown where cameAsPatch, .digestMismatch where cameAsPatch: wanted.insert(name)
        default: break
        }
        return true
    }

    /// - Returns: false when nothing of that name was sent.
    mutating func resultReceived(_ name: DocumentName) -> Bool { outgoing.remove(name) != nil }

    private static func read(_ digests: [Muster_V1_DocumentDigest]) -> [DocumentName: Digest] {
        var result: [DocumentName: Digest] = [:]
        for entry in digests {
            guard let name = DocumentName(rawValue: entry.document) else { continue }
            result[name] = Digest(bytes: Array(entry.digest))
        }
        return result
    }
}
