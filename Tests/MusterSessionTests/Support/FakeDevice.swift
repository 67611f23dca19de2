import MusterModel
import MusterWire

@testable import MusterSession

/// The agent's house in memory: a spool, documents, what the server acknowledged and what it desires. A value, so that putting a device
/// back to an earlier state is keeping a copy.
struct FakeDevice {
    var epoch: UInt64 = 100
    var next: UInt64 = 1
    /// Rows without holes, as a spool keeps them.
    var spool: [NumberedEvent] = []
    /// Of the event before the first held; 0: not known.
    var deletedStamp: UInt64 = 0
    /// Numbers up to here were read to be sent: no gap takes them.
    var readThrough: UInt64 = 0
    var reported: [DocumentName: Document] = [:]
    /// As the server acknowledged them last: the bases of patches.
    var acknowledged: [DocumentName: Document] = [:]
    var held: [DocumentName: Document] = [:]
    var word: ServerWord?
    var certificates: [[UInt8]] = []
    /// Of the last plan of an open session.
    var nextOfPlan: Duration?
    /// As written down.
    var actions: [ActionID: ActionReport] = [:]
    var collected = 0
    var statistics: DeviceStatistics?
    /// Status to answer the next documents with, instead of storing them.
    var holdStatuses: [Muster_V1_DocumentStatus] = []
    /// Bodies handed out, by digest.
    private var sent: [Digest: Document] = [:]

    var digests: [DocumentName: Digest] { reported.mapValues(\.digest) }

    var position: EventPosition { EventPosition(epoch: epoch, firstHeld: spool.first?.first.number ?? next, next: next) }

    func opening(reason: Muster_V1_HelloReason = .interval) -> AgentSession.Opening {
        var opening = AgentSession.Opening(
            agentVersion: "1.0", runID: 7, bootID: [UInt8](repeating: 1, count: 16), reason: reason, session: word?.session ?? 0,
            events: position, reported: digests, acknowledged: acknowledged.mapValues(\.digest), held: held.mapValues(\.digest),
            serverFeatures: word?.features ?? .own, time: noon)
        opening.actions = actions.values.sorted { $0.id < $1.id }
        opening.outputs = outputs.keys.sorted()
        return opening
    }

    mutating func raise(_ event: DeviceEvent) {
        spool.append(
            NumberedEvent(
                first: EventSequence(epoch: epoch, number: next), stamp: .random(in: 1 ... .max), content: .event(event)))
        next += 1
    }

    /// A full spool: the first two rows that were not read become one gap.
    mutating func dropTwo() {
        guard let index = spool.firstIndex(where: { $0.first.number > readThrough }), index + 1 < spool.count else { return }
        let count = spool[index].count + spool[index + 1].count
        spool[index].count = count
        spool[index].stamp = spool[index + 1].stamp
        spool[index].content = .gap(EventGap(counts: [.info: count], from: noon, to: noon))
        spool.remove(at: index + 1)
    }

    /// Of runs that have ended.
    var outputs: [RunID: RunOutput] = [:]
    /// What actions were about.
    var payloads: [ActionID: [UInt8]] = [:]

    /// Runs one order.
    /// - Returns: what the session says to the answer.
    mutating func run(_ action: AgentSession.Action, on session: inout AgentSession) -> [AgentSession.Action] {
        switch action {
        case .readEvents(let after, let maximumBytes):
            return session.eventsRead(read(after: after, maximumBytes: maximumBytes), clockOffset: .milliseconds(5))
        case .deleteEvents(let epoch, let through):
            delete(epoch: epoch, through: through)
            return []
        case .judgeStored(let stored): return session.storedJudged(stored, isOurs: isOurs(stored))
        case .beginEpoch:
            renumber()
            raise(deviceEvent("rolled back"))
            return session.epochBegun(position)
        case .prepareDocument(let name, let basis):
            guard let document = reported[name] else { return [] }
            sent[document.digest] = document
            let base = acknowledged[name].flatMap { $0.digest == basis ? $0 : nil }
            return session.documentReady(OutgoingDocument(document, named: name, basis: base))
        case .keepAcknowledged(let name, let digest):
            // Of a state that is not at hand any more nothing is learnt.
            let document = reported[name]?.digest == digest ? reported[name] : sent[digest]
            acknowledged[name] = document ?? acknowledged[name]
            return []
        case .hold(let incoming):
            let status = hold(incoming)
            return session.documentHeld(incoming.name, incoming.digest, status: status)
        case .makeCertificateRequest: return session.certificateRequestReady([1, 2, 3])
        case .saveCertificate(let certificate):
            certificates.append(certificate)
            return session.certificateSaved()
        case .learn(let word):
            self.word = word
            readThrough = 0
            return []
        case .learnNext(let time):
            nextOfPlan = time
            return []
        case .acceptAction(let order):
            payloads[order.id] = order.payload
            if let known = actions[order.id] { return session.actionAccepted(known) }
            let report = ActionReport(
                id: order.id, progress: ActionKind(rawValue: order.kind) == nil ? .failed : .accepted, time: noon)
            actions[order.id] = report
            return session.actionAccepted(report)
        case .readOutput(let run): return session.outputRead(run, outputs[run])
        case .forgetOutput(let run):
            outputs[run] = nil
            return []
        case .collect:
            collected += 1
            return session.collected(digests, statistics)
        case .finishAction(let id):
            let report = ActionReport(id: id, progress: .done, time: noon)
            actions[id] = report
            return session.actionFinished(report)
        case .forgetAction(let id):
            actions[id] = nil
            return []
        case .settled, .close, .synchronized, .sayStatistics: return []
        }
    }

    private mutating func read(after: UInt64, maximumBytes: Int) -> [NumberedEvent] {
        var bytes = 0
        let rows = spool.filter { $0.first.number > after }
        let count = rows.prefix(200).prefix { row in
            bytes += row.encodedBytes
            return bytes <= maximumBytes
        }.count
        let read = Array(rows.prefix(max(1, count)))
        readThrough = max(readThrough, read.last?.last ?? 0)
        return read
    }

    /// A gap that reaches past the number keeps the rest of it.
    private mutating func delete(epoch: UInt64, through number: UInt64) {
        guard epoch == self.epoch else { return }
        if let last = spool.last(where: { $0.first.number <= number }) { deletedStamp = last.last == number ? last.stamp : 0 }
        spool.removeAll { $0.last <= number }
        guard var first = spool.first, first.first.number <= number else { return }
        first.count = first.last - number
        first.first.number = number + 1
        first.content = .gap(EventGap(counts: [.info: first.count], from: noon, to: noon))
        spool[0] = first
    }

    private func isOurs(_ stored: StoredPlace) -> Bool {
        if let row = spool.first(where: { $0.first.number <= stored.last && stored.last <= $0.last }) {
            return row.last > stored.last || row.stamp == stored.stamp
        }
        return stored.last + 1 != position.firstHeld || [0, stored.stamp].contains(deletedStamp)
    }

    private mutating func renumber() {
        epoch = .random(in: 1000 ... .max)
        next = 1
        deletedStamp = 0
        for index in spool.indices {
            spool[index].formerly.append(spool[index].first)
            spool[index].first = EventSequence(epoch: epoch, number: next)
            next += spool[index].count
        }
    }

    private mutating func hold(_ incoming: IncomingDocument) -> Muster_V1_DocumentStatus {
        if !holdStatuses.isEmpty { return holdStatuses.removeFirst() }
        guard let document = try? incoming.assembled(basis: nil).document else { return .malformed }
        held[incoming.name] = document
        return .stored
    }
}

extension FakeDevice {
    /// The Hello it would open a session with.
    var hello: Muster_V1_Hello {
        var agent = AgentSession(opening())
        guard case .hello(let hello) = agent.nextFrame()?.body else { return Muster_V1_Hello() }
        return hello
    }
}
