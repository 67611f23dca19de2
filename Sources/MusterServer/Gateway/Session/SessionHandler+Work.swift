import Logging
import MusterModel
import MusterSession
import MusterStore
import MusterWire
import NIOCore

/// What a session waits for: each order runs as one task that the event loop awaits, and the next of its lane begins when it has ended.
extension SessionHandler {
    func workOnEvents(context: ChannelHandlerContext) {
        guard let device, let order = eventWork.begin() else { return }
        let house = connection.context
        let answer = context.eventLoop.makeFutureWithTask { try await house.perform(events: order, of: device.id) }
        answer.assumeIsolated().whenComplete { result in
            self.eventWork.ended()
            switch result {
            case .success(let stored?):
                self.connection.events += stored.count
                self.run(self.machine.eventsStored(epoch: stored.place.epoch, through: stored.place.number), context: context)
            case .success(nil): break
            case .failure(let error): self.failed(error, context: context)
            }
            self.workOnEvents(context: context)
        }
    }

    func workOnDocuments(context: ChannelHandlerContext) {
        guard let device, let order = documentWork.begin() else { return }
        let house = connection.context
        let session = session
        let answer = context.eventLoop.makeFutureWithTask {
            try await house.perform(document: order, of: device, session: session)
        }
        answer.assumeIsolated().whenComplete { result in
            self.documentWork.ended()
            switch result {
            case .success(let done): self.done(done, context: context)
            case .failure(let error): self.failed(error, context: context)
            }
            self.workOnDocuments(context: context)
        }
    }

    private func done(_ work: DocumentWork, context: ChannelHandlerContext) {
        switch work {
        case .stored(let incoming, let status):
            connection.context.budget.release(incoming.memory)
            reservedMemory -= incoming.memory
            connection.context.memory.freed()
            if status == .stored { connection.documents += 1 }
            run(machine.documentStored(incoming.name, incoming.digest, status), context: context)
        case .ready(let document): run(machine.documentReady(document), context: context)
        case .issued(let certificate): run(machine.certificateIssued(certificate), context: context)
        case .reported(let report): run(machine.actionReportStored(report), context: context)
        case .output(let incoming, let status):
            connection.context.budget.release(incoming.memory)
            reservedMemory -= incoming.memory
            run(machine.outputStored(incoming.run, status), context: context)
        case .badRequest: run(machine.stop(.badCertificateRequest), context: context)
        case .nothing: break
        }
    }

    private func failed(_ error: any Error, context: ChannelHandlerContext) {
        if error is EventsOutOfOrder { return run(machine.stop(.eventsOutOfOrder), context: context) }
        if let error = error as? WireError { return run(machine.stop(error.closeReason, text: error.reason), context: context) }
        let refusal = StorageRefusal(error)
        connection.context.logger.warning(
            "session.work.failed", metadata: ["error": "\(error)", "device.id": "\(device.map { "\($0.id)" } ?? "")"])
        run(machine.stop(refusal.reason, retryAfter: refusal.retryAfter), context: context)
    }
}

/// What came of an order about documents or certificates.
enum DocumentWork: Sendable {
    case stored(IncomingDocument, Muster_V1_DocumentStatus)
    case ready(OutgoingDocument)
    case issued([UInt8])
    case reported(ActionReport)
    case output(IncomingOutput, Muster_V1_OutputStatus)
    case badRequest
    case nothing
}

struct EventsOutOfOrder: Error {}

/// Up to where a batch is stored, and how many events it was.
struct EventsStored: Sendable {
    var place: EventSequence
    var count: Int64
}

extension GatewayContext {
    /// - Returns: what to acknowledge; nil when there is nothing to.
    fileprivate func perform(events order: ServerSession.Action, of device: DeviceID) async throws -> EventsStored? {
        switch order {
        case .storeEvents(let batch, let offset):
            guard let last = try await events.store(batch, of: device, clockOffset: offset, now: now()) else {
                throw EventsOutOfOrder()
            }
            return EventsStored(
                place: EventSequence(epoch: batch.first?.first.epoch ?? 0, number: last), count: Int64(batch.count))
        case .serverRolledBack(let session, let known):
            try await rollBack.noticed(by: device, session: session, known: known, now: now())
            return nil
        case .storeLost(let epoch, let first, let last):
            try await events.storeLost(of: device, epoch: epoch, first: first, last: last, now: now())
            return nil
        default: return nil
        }
    }

    fileprivate func perform(
        document order: ServerSession.Action, of device: KnownDevice, session: UInt64
    ) async throws -> DocumentWork {
        switch order {
        case .storeDocument(let incoming):
            return .stored(incoming, try await documents.store(incoming, of: device.id, session: session, now: now()))
        case .prepareDocument(let name):
            guard let document = directory.document(name, of: device.id) else { return .nothing }
            return .ready(OutgoingDocument(document, named: name))
        case .storeActionReport(let report):
            try await actions.report(report, of: device.id)
            return .reported(report)
        case .storeOutput(let incoming):
            let isStored = try await documents.store.storeRunOutput(incoming.output, of: incoming.run, device: device.id)
            return .output(incoming, isStored ? .stored : .unwanted)
        case .markCertificateUsed:
            try await documents.store.markCertificateUsed(device.certificate)
            directory.certificateUsed(device.certificate, of: device.id)
            return .nothing
        case .issueCertificate(let request):
            guard let certificate = try await enroller.renew(device.id, request: request, now: now()) else { return .badRequest }
            return .issued(certificate)
        default: return .nothing
        }
    }
}
