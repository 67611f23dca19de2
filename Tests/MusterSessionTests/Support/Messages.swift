import FoundationEssentials
import MusterModel
import MusterWire

@testable import MusterSession

/// One of each message there is, by its name; "later" is one of a version to come.
enum Message: String, CaseIterable, Sendable {
    case hello, welcome, digests, plan, document, chunk, result, events, eventsStored, renewal, certificate, done, ping, pong
    case goodbye, enrolment, enrolled, later

    var frame: Muster_V1_Frame {
        switch self {
        case .hello: Muster_V1_Frame(.hello(FakeDevice().hello))
        case .welcome: Muster_V1_Frame(.welcome(Muster_V1_Welcome()))
        case .digests: Muster_V1_Frame(.digests(Muster_V1_DocumentDigests()))
        case .plan: Muster_V1_Frame(.plan(Muster_V1_DocumentPlan()))
        case .document: Muster_V1_Frame(.document(OutgoingDocument(.empty, named: .system).head))
        case .chunk: Muster_V1_Frame(.chunk(Muster_V1_DocumentChunk()))
        case .result: Muster_V1_Frame(.result(Muster_V1_DocumentResult()))
        case .events: Muster_V1_Frame(.events(Self.batch(epoch: 100, first: 9)))
        case .eventsStored: Muster_V1_Frame(.eventsStored(Muster_V1_EventsStored()))
        case .renewal: Muster_V1_Frame(.renewal(Muster_V1_RenewalRequest()))
        case .certificate: Muster_V1_Frame(.certificate(Muster_V1_CertificateIssued()))
        case .done: Muster_V1_Frame(.done(Muster_V1_Done()))
        case .ping: FrameOf.ping(1)
        case .pong: Muster_V1_Frame(.pong(Muster_V1_Pong()))
        case .goodbye: Muster_V1_Frame(.goodbye(Muster_V1_Goodbye(.replaced, retryAfter: .seconds(3), text: "why")))
        case .enrolment: Muster_V1_Frame(.enrolment(Muster_V1_EnrolmentRequest()))
        case .enrolled: Muster_V1_Frame(.enrolled(Muster_V1_Enrolled()))
        case .later: Muster_V1_Frame()
        }
    }

    static func batch(epoch: UInt64, first: UInt64, count: Int = 1) -> Muster_V1_EventBatch {
        let events = (0..<UInt64(count)).map { number in
            NumberedEvent(first: EventSequence(epoch: epoch, number: first + number), stamp: 1, content: .event(deviceEvent("e")))
        }
        return Muster_V1_EventBatch(events, clockOffset: .zero)
    }
}

/// Messages with something in them.
enum FrameOf {
    static func ping(_ id: UInt64) -> Muster_V1_Frame {
        var ping = Muster_V1_Ping()
        ping.id = id
        return Muster_V1_Frame(.ping(ping))
    }

    static func welcome(_ change: (inout Muster_V1_Welcome) -> Void = { _ in }) -> Muster_V1_Frame {
        var welcome = Muster_V1_Welcome()
        welcome.features = FeatureSet.own.message
        change(&welcome)
        return Muster_V1_Frame(.welcome(welcome))
    }

    static func plan(wanted: [DocumentName] = [], coming: [DocumentName] = []) -> Muster_V1_DocumentPlan {
        var plan = Muster_V1_DocumentPlan()
        plan.wanted = wanted.map { name in
            var entry = Muster_V1_DocumentDigest()
            entry.document = name.rawValue
            return entry
        }
        plan.coming = coming.map(\.rawValue)
        return plan
    }

    static func digests(reported: [DocumentName: Digest] = [:], held: [DocumentName: Digest] = [:]) -> Muster_V1_Frame {
        func list(_ digests: [DocumentName: Digest]) -> [Muster_V1_DocumentDigest] {
            digests.map { name, digest in
                var entry = Muster_V1_DocumentDigest()
                entry.document = name.rawValue
                entry.digest = .init(digest.bytes)
                return entry
            }
        }
        var message = Muster_V1_DocumentDigests()
        message.reported = list(reported)
        message.held = list(held)
        return Muster_V1_Frame(.digests(message))
    }

    static func head(_ document: Document, _ name: DocumentName) -> Muster_V1_Frame {
        Muster_V1_Frame(.document(OutgoingDocument(document, named: name).head))
    }

    static func chunk(_ data: [UInt8]) -> Muster_V1_Frame {
        var chunk = Muster_V1_DocumentChunk()
        chunk.data = .init(data)
        return Muster_V1_Frame(.chunk(chunk))
    }

    static func result(_ name: DocumentName, _ status: Muster_V1_DocumentStatus, _ digest: Digest? = nil) -> Muster_V1_Frame {
        var result = Muster_V1_DocumentResult()
        result.document = name.rawValue
        result.status = status
        result.digest = .init(digest?.bytes ?? [])
        return Muster_V1_Frame(.result(result))
    }
}
