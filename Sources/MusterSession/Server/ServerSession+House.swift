import FoundationEssentials
package import MusterModel
package import MusterWire

// What comes from the house: what was stored, made ready or ordered, and time that passes.

extension ServerSession {
    package mutating func memoryReserved(_ isReserved: Bool) -> [Action] {
        isReserved || !isServed ? [] : close(.busy, retryAfter: .seconds(30), text: "too many large documents at once")
    }

    package mutating func documentStored(_ name: DocumentName, _ digest: Digest, _ status: Muster_V1_DocumentStatus) -> [Action] {
        guard isServed, documents.stored(name, status) else { return [] }
        if status == .stored { device.reported[name] = digest }
        var result = Muster_V1_DocumentResult()
        result.document = name.rawValue
        result.digest = .init(digest.bytes)
        result.status = status
        outbox.append(control: .result(result))
        return []
    }

    package mutating func eventsStored(epoch: UInt64, through last: UInt64) -> [Action] {
        guard isServed, batchesInFlight > 0 else { return [] }
        batchesInFlight -= 1
        var stored = Muster_V1_EventsStored()
        stored.epoch = epoch
        stored.last = last
        outbox.append(acknowledgement: stored)
        return letGoIfDone()
    }

    /// The report is stored; the end of an action is never asked for again.
    package mutating func actionReportStored(_ report: ActionReport) -> [Action] {
        guard isServed, actionReports > 0 else { return [] }
        actionReports -= 1
        if report.progress.isFinal {
            var settled = Muster_V1_ActionSettled()
            settled.id = .init(report.id.bytes)
            outbox.append(control: .actionSettled(settled))
        }
        return letGoIfDone()
    }

    package mutating func outputStored(_ run: RunID, _ status: Muster_V1_OutputStatus) -> [Action] {
        guard isServed, isStoringOutput else { return [] }
        isStoringOutput = false
        var stored = Muster_V1_RunOutputStored()
        stored.run = .init(run.bytes)
        stored.status = status
        outbox.append(control: .runOutputStored(stored))
        return letGoIfDone()
    }

    /// Do this now. Nothing happens in a session that is not served yet, or whose agent knows no actions: they are given to the next one.
    /// - Returns: whether it was said.
    package mutating func order(_ order: ActionOrder) -> Bool {
        guard isServed, features.capabilities.contains(.actions) else { return false }
        // After Done a periodic device is gone.
        if case .complete = state, !isPermanent { return false }
        say(order)
        return true
    }

    /// Somebody looks at a device's statistics, or nobody does any more.
    package mutating func statisticsWanted(every period: Duration?) {
        guard isServed, isPermanent, features.capabilities.contains(.statistics), period != statisticsPeriod else { return }
        statisticsPeriod = period
        var wanted = Muster_V1_StatisticsWanted()
        wanted.every = UInt64(max(0, period?.milliseconds ?? 0))
        outbox.append(control: .statisticsWanted(wanted))
    }

    /// What the device should hold, or when it should come next, has changed. A periodic device hears of it at its next synchronization.
    package mutating func desiredChanged(_ desired: [DocumentName: Digest], nextSynchronization: Duration) -> [Action] {
        let isNews = desired != device.desired
        device.desired = desired
        device.nextSynchronization = nextSynchronization
        guard isServed, isPermanent, isNews, !hasAskedForDigests else { return [] }
        hasAskedForDigests = true
        outbox.append(control: .digestsWanted(Muster_V1_DigestsWanted()))
        return []
    }

    /// Whether the connection may stay. A session that was not permanent from the start does not become it.
    package mutating func permanenceChanged(_ isWanted: Bool) -> [Action] {
        guard isPermanent else { return [] }
        isReleasing = !isWanted
        return hasAskedForDigests ? [] : letGoIfDone()
    }

    package mutating func documentReady(_ document: OutgoingDocument) -> [Action] {
        documents.ready(document)
        if isServed { outbox.append(document: document) }
        return []
    }

    package mutating func certificateIssued(_ certificate: [UInt8]) -> [Action] {
        if case .closed = state { return [] }
        guard isIssuing else { return [] }
        isIssuing = false
        device.renewal = .none
        var issued = Muster_V1_CertificateIssued()
        issued.certificate = .init(certificate)
        outbox.append(control: .certificate(issued))
        return []
    }

    /// How long silence lasts before `fellSilent`; nil: as long as a session may be idle. A silent permanent connection is pinged every
    /// interval, and is dead after two and a half.
    package var silence: Duration? {
        guard isPermanent, case .complete = state else { return nil }
        return silences < Self.pingsBeforeDeath ? device.pingInterval : device.pingInterval / 2
    }

    private static let pingsBeforeDeath = 2

    /// Nothing came from the device for as long as `silence` says. While this side owes it an answer (a store with much to do) that is as it
    /// should be: a ping says so, and the device waits on.
    package mutating func fellSilent() -> [Action] {
        if isPermanent, case .complete = state, silences < Self.pingsBeforeDeath {
            // One that should go and does not answer is not waited for.
            if isReleasing { return stop(.permanentConnectionEnded, retryAfter: device.nextSynchronization) }
            silences += 1
            return ping()
        }
        guard isServed, owesAnswer else { return stop(.idleTimeout) }
        return ping()
    }

    mutating func ping() -> [Action] {
        pings += 1
        var ping = Muster_V1_Ping()
        ping.id = pings
        outbox.append(control: .ping(ping))
        return outbox.isOverfull ? close(.idleTimeout) : []
    }

    /// This side ends the session: said to the device, then closed.
    package mutating func stop(_ reason: CloseReason, retryAfter: Duration? = nil, text: String = "") -> [Action] {
        if case .closed = state { return [] }
        return close(reason, retryAfter: retryAfter, text: text)
    }
}
