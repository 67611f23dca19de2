import FoundationEssentials
package import MusterModel
package import MusterWire

// What comes from the device: what was read, written down or changed there, and what people ask for.

extension AgentSession {
    /// Events from one read, in order; an empty answer means that they are gone (acknowledged or replaced meanwhile).
    package mutating func eventsRead(_ read: [NumberedEvent], clockOffset: Duration) -> [Action] {
        guard isServed else { return [] }
        if let batch = events.read(read, clockOffset: clockOffset) {
            summary.events += batch.events.count
            outbox.append(events: batch)
        }
        return events.pump() + settleIfDone()
    }

    /// More events were written: `next` is the number the one after them will get.
    package mutating func eventsAppended(next: UInt64) -> [Action] {
        events.appended(next: next)
        return isServed ? events.pump() : []
    }

    package mutating func storedJudged(_ stored: StoredPlace, isOurs: Bool) -> [Action] {
        let actions = events.judged(stored, isOurs: isOurs)
        return isServed ? actions + events.pump() + settleIfDone() : []
    }

    package mutating func epochBegun(_ position: EventPosition) -> [Action] {
        events.epochBegun(position)
        return isServed ? events.pump() + settleIfDone() : []
    }

    package mutating func documentReady(_ document: OutgoingDocument) -> [Action] {
        guard isServed else { return [] }
        summary.documentsSent += 1
        summary.documentBytesSent += Int(document.head.size)
        documents.sent(document.head)
        outbox.append(document: document)
        return []
    }

    /// A reported document has changed on the device while the session is open.
    package mutating func documentsChanged(_ reported: [DocumentName: Digest]) -> [Action] {
        documents.changed(reported)
        guard isServed else { return [] }
        return offerChanges()
    }

    package mutating func documentHeld(_ name: DocumentName, _ digest: Digest, status: Muster_V1_DocumentStatus) -> [Action] {
        guard isServed, let result = documents.held(name, digest, status: status) else { return [] }
        if status == .stored { summary.documentsReceived += 1 }
        outbox.append(control: .result(result))
        return settleIfDone()
    }

    package mutating func certificateRequestReady(_ request: [UInt8]) -> [Action] {
        if case .closed = state { return [] }
        guard case .requested = renewal else { return [] }
        renewal = .sent
        var message = Muster_V1_RenewalRequest()
        message.certificateRequest = .init(request)
        outbox.append(control: .renewal(message))
        return []
    }

    package mutating func certificateSaved() -> [Action] {
        renewal = .saved
        summary.isCertificateRenewed = true
        if case .renewing = state { return close(.certificateRenewed) }
        return settleIfDone()
    }

    /// After `settled`: says Done and, when the session is not permanent, closes. Nothing happens when there is work again.
    package mutating func finish() -> [Action] {
        guard case .synchronizing = state, isSettled else { return [] }
        state = .complete
        summary.isComplete = true
        outbox.append(control: .done(Muster_V1_Done()))
        return isPermanent ? [.synchronized] : []
    }

    /// On an open session: a synchronization is due, or asked for. Nothing happens while one is under way that is not complete.
    package mutating func synchronize(_ statistics: DeviceStatistics? = nil) -> [Action] {
        guard case .complete = state, isPermanent else { return [] }
        isOfferDue = true
        return say(statistics) + offerChanges()
    }

    /// The order is written down; its end, when it was known before.
    package mutating func actionAccepted(_ report: ActionReport) -> [Action] {
        guard isServed else { return [] }
        return run(actions.accepted(report)) + settleIfDone()
    }

    /// Everything was looked at anew, as it was asked for.
    package mutating func collected(_ reported: [DocumentName: Digest], _ statistics: DeviceStatistics?) -> [Action] {
        documents.changed(reported)
        guard isServed, actions.collected() else { return [] }
        isOfferDue = true
        return say(statistics) + offerChanges()
    }

    package mutating func actionFinished(_ report: ActionReport) -> [Action] {
        guard isServed, actions.finished(report.id) else { return [] }
        outbox.append(control: .actionReport(report.message))
        return []
    }

    /// A run has ended, and its output is there.
    package mutating func outputAppended(_ run: RunID) -> [Action] {
        outputs.append(run)
        return pumpOutputs()
    }

    /// - Parameter output: nil: it is not there any more.
    package mutating func outputRead(_ run: RunID, _ output: RunOutput?) -> [Action] {
        guard isServed else { return [] }
        let pieces = outputs.read(run, output)
        for piece in pieces { outbox.append(output: piece) }
        return pumpOutputs() + settleIfDone()
    }

    /// Something that travels by itself, the last value counts.
    package mutating func statistics(_ statistics: DeviceStatistics) -> [Action] { isServed ? say(statistics) : [] }

    /// Is the server still there? Something comes back from it soon, or it is not.
    package mutating func probe() -> [Action] {
        guard isServed else { return [] }
        pings += 1
        var ping = Muster_V1_Ping()
        ping.id = pings
        outbox.append(control: .ping(ping))
        return []
    }

    /// This side ends the session: said to the server, then closed.
    package mutating func stop(_ reason: CloseReason) -> [Action] {
        if case .closed = state { return [] }
        return close(reason)
    }
}
