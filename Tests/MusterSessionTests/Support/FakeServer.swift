import MusterModel
import MusterWire

@testable import MusterSession

/// The server's house in memory, for one device: events in the order of their storing, documents, what it desires.
struct FakeServer {
    /// As stored: the device's events and gaps, and gaps of what was lost.
    var events: [NumberedEvent] = []
    var positions: [UInt64: StoredPlace] = [:]
    var reported: [DocumentName: Document] = [:]
    var desired: [DocumentName: Document] = [:]
    var delivered: [DocumentName: Digest] = [:]
    var renewal = Muster_V1_Renewal.none
    var session: UInt64 = 0
    var highestSession: UInt64 = .max
    /// What was known when a device showed that this server was put back.
    var rollBacks: [UInt64] = []
    var refusal: CloseReason?
    var completed = 0
    var isPermanent = false
    var actions: [ActionOrder] = []
    /// How far actions came, as the device said it.
    var reports: [String] = []
    var statistics: [DeviceStatistics] = []
    /// Bytes reserved and not released: released when the document is stored.
    var reserved: [Int] = []
    var hasMemory = true
    /// Status to answer the next documents with, instead of storing them.
    var storeStatuses: [Muster_V1_DocumentStatus] = []

    var texts: [String] {
        events.map { row in
            switch row.content {
            case .event(let event): event.text
            case .gap: "gap \(row.first.number)-\(row.last)"
            }
        }
    }

    var known: ServerSession.Device {
        var device = ServerSession.Device(
            session: session, highestSession: highestSession, renewal: renewal, reported: reported.mapValues(\.digest),
            desired: desired.mapValues(\.digest),
            positions: positions, nextSynchronization: .minutes(15))
        device.isPermanent = isPermanent
        device.actions = actions
        return device
    }

    var outputs: [RunID: RunOutput] = [:]
    var outputStatus = Muster_V1_OutputStatus.stored

    /// Runs one order.
    /// - Returns: what the session says to the answer.
    mutating func run(_ action: ServerSession.Action, on session: inout ServerSession) -> [ServerSession.Action] {
        switch action {
        case .judge(let hello):
            if let refusal { return session.refused(refusal) }
            self.session = ServerSession.Device.sessionNumber(now: noon, hello: hello.session, known: self.session)
            return session.recognized(known, now: noon)
        case .serverRolledBack(_, let known):
            rollBacks.append(known)
            return []
        case .storeLost(let epoch, let first, let last):
            let gap = EventGap(counts: [:], from: noon, to: noon)
            events.append(
                NumberedEvent(
                    first: EventSequence(epoch: epoch, number: first), count: last - first + 1, stamp: 0, content: .gap(gap)))
            positions[epoch] = StoredPlace(last: last, stamp: 0)
            return []
        case .storeEvents(let batch, _): return store(batch, on: &session)
        case .reserveMemory(let bytes):
            if hasMemory { reserved.append(bytes) }
            return session.memoryReserved(hasMemory)
        case .storeDocument(let incoming):
            reserved.removeAll { $0 == incoming.memory }
            return session.documentStored(incoming.name, incoming.digest, store(incoming))
        case .prepareDocument(let name):
            guard let document = desired[name] else { return session.stop(.internalError) }
            return session.documentReady(OutgoingDocument(document, named: name))
        case .delivered(let name, let digest):
            delivered[name] = digest
            return []
        case .issueCertificate(let request): return session.certificateIssued(request + [9])
        case .completed:
            completed += 1
            return []
        case .storeActionReport(let report):
            reports.append("\(report.progress)")
            return session.actionReportStored(report)
        case .storeOutput(let incoming):
            reserved.removeAll { $0 == incoming.memory }
            outputs[incoming.run] = incoming.output
            return session.outputStored(incoming.run, outputStatus)
        case .statistics(let received):
            statistics.append(received)
            return []
        case .markCertificateUsed, .close: return []
        }
    }

    private mutating func store(_ batch: [NumberedEvent], on session: inout ServerSession) -> [ServerSession.Action] {
        guard let first = batch.first, let last = batch.last else { return session.stop(.internalError) }
        guard positions[first.first.epoch]?.last ?? 0 == first.first.number - 1 else { return session.stop(.eventsOutOfOrder) }
        for event in batch where !isKnown(event) { events.append(event) }
        positions[first.first.epoch] = StoredPlace(last: last.last, stamp: last.stamp)
        return session.eventsStored(epoch: first.first.epoch, through: last.last)
    }

    /// Stored before the device was rolled back.
    private func isKnown(_ event: NumberedEvent) -> Bool {
        events.contains { event.formerly.contains($0.first) && $0.stamp == event.stamp }
    }

    private mutating func store(_ incoming: IncomingDocument) -> Muster_V1_DocumentStatus {
        if !storeStatuses.isEmpty {
            let status = storeStatuses.removeFirst()
            if status != .stored { return status }
        }
        let basis = reported[incoming.name]
        if let wanted = incoming.basis, basis?.digest != wanted { return .basisUnknown }
        do throws(WireError) {
            reported[incoming.name] = try incoming.assembled(basis: basis).document
            return .stored
        } catch {
            return error.code == .digestMismatch ? .digestMismatch : .malformed
        }
    }
}
