import FoundationEssentials
import MusterModel
import MusterTrust
import MusterWire
import SwiftProtobuf

/// The bytes are one frame's content; what the receivers of each message make of it is made here.
enum MessageProperties {
    static func check(_ bytes: [UInt8]) throws(PropertyViolation) {
        guard let frame = try? Muster_V1_Frame(serializedBytes: bytes) else { return }
        switch frame.body {
        case .hello(let hello): _ = FeatureSet(hello.features).common(with: .own).message
        case .document(let head): checkHead(head)
        case .events(let batch): try checkEvents(batch)
        case .renewal(let renewal): _ = try? CertificateRequest(der: Array(renewal.certificateRequest))
        case .enrolment(let enrolment): checkEnrolment(enrolment)
        case .certificate(let issued): _ = try? CertificateFacts(der: Array(issued.certificate))
        case .enrolled(let enrolled):
            _ = try? CertificateFacts(der: Array(enrolled.certificate))
            _ = try? PinSet(enrolled.pins.compactMap { Fingerprint(bytes: Array($0)) })
        default: break
        }
    }

    private static func checkHead(_ head: Muster_V1_DocumentHead) {
        guard var incoming = try? IncomingDocument(head: head), incoming.memory <= 64 * 1024 else { return }
        var chunk = Muster_V1_DocumentChunk()
        chunk.data = .init([UInt8](repeating: 0, count: 512))
        while !incoming.isComplete {
            do { try incoming.chunkReceived(chunk) } catch { return }
        }
        _ = try? incoming.assembled(basis: nil)
    }

    private static func checkEnrolment(_ enrolment: Muster_V1_EnrolmentRequest) {
        _ = EnrolmentTokenID(bytes: Array(enrolment.tokenID))
        _ = TokenSecret(bytes: Array(enrolment.tokenSecret))
        _ = try? CertificateRequest(der: Array(enrolment.certificateRequest))
    }

    private static func checkEvents(_ batch: Muster_V1_EventBatch) throws(PropertyViolation) {
        guard let events = try? batch.numberedEvents() else { return }
        try expect(events.count == batch.events.count, "an event was lost in reading")
        for (event, next) in zip(events, events.dropFirst()) {
            try expect(next.first.number == event.last + 1, "an event does not follow the one before it")
        }
        let again = try? Muster_V1_EventBatch(events, clockOffset: .milliseconds(batch.clockOffset)).numberedEvents()
        try expect(again == events, "events changed on their way out and in")
        for event in events { _ = event.encodedBytes }
    }
}
