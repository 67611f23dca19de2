import Logging
import MusterModel
import MusterSession
import MusterWire

/// What is kept, raised and said after each connection.
extension Link {
    static let clockTolerance = Duration.seconds(60)

    /// A complete synchronization: kept, said and, where it had failed before, raised; on a permanent connection each of them.
    func synchronized(_ session: SessionRunner) async -> SyncReport {
        let now = now()
        let before = try? await storage.run { state, _ in try state.facts() }
        let facts = try? await storage.run { state, _ in
            try state.update { facts in
                facts.lastSynchronization = now
                facts.failure = nil
            }
        }
        let next = facts?.nextSynchronization ?? now + SyncInterval.standard.duration
        if let trial = session.trial { await adopt(trial) }
        let summary = session.newSummary
        logger.debug(
            "synchronized",
            metadata: [
                "documents": "\(summary.documentsSent)", "document.bytes": "\(summary.documentBytesSent)",
                "events": "\(summary.events)", "next": "\(next)",
            ])
        if let failure = before?.failure { await recovered(failure, now: now) }
        await watchClock(session.clockOffset, before: session.offsetBefore, session, now: now)
        return SyncReport(
            documentsSent: summary.documentsSent, documentBytesSent: summary.documentBytesSent,
            documentsReceived: summary.documentsReceived, events: summary.events,
            certificateRenewed: summary.isCertificateRenewed,
            durationSeconds: Double((now - session.began).milliseconds) / 1000, nextSynchronization: next)
    }

    /// A synchronization was completed over settings on trial.
    private func adopt(_ trial: ConnectionSettings) async {
        guard (try? await storage.run({ state, _ in try state.adoptTrial(trial) })) == true else { return }
        settings.settled()
        let servers = trial.servers.map(\.description).joined(separator: ", ")
        logger.notice("connection.settings.adopted", metadata: ["servers": "\(servers)"])
        await raise(
            EventType.connectionSettingsAdopted, .info, "new connection settings are in force: \(servers)",
            ["servers": .text(servers), "proxy": .text(trial.proxy?.description ?? "")])
    }

    /// They do not work: the old ones stay in force, and the same are not tried again.
    func reject(_ trial: ConnectionSettings, _ failure: LinkFailure, attempts: Int) async {
        let why = failure.text.isEmpty ? failure.reason.deviceWords : failure.text
        guard (try? await storage.run({ state, _ in try state.rejectTrial(trial, why: why) })) == true else { return }
        settings.settled()
        await raise(
            EventType.connectionSettingsRolledBack, .error,
            "the new connection settings do not work (\(why)); the old ones stay in force",
            [
                "servers": .text(trial.servers.map(\.description).joined(separator: ", ")),
                "proxy": .text(trial.proxy?.description ?? ""), "reason": .text(failure.reason.code),
                "detail": .text(failure.text), "attempts": .integer(Int64(attempts)),
            ])
    }

    /// The session has ended as it should. - Parameter next: when the server told it with the end.
    func succeeded(_ session: SessionRunner?, next told: Duration? = nil, _ course: inout LinkCourse) async {
        let now = now()
        let facts = try? await storage.run { state, _ in
            try state.update { facts in if let told { facts.nextSynchronization = now + told } }
        }
        let next = facts?.nextSynchronization ?? now + SyncInterval.standard.duration
        course.succeeded(next: min(max(next - now, .zero), SessionRunner.longestInterval), now: .now)
        await hearOfEvents(&course)
        guard let session else { return }
        if session.hasLateDocuments { course.heard(.documentsChanged, now: .now) }
        // Ticked while this session ran, which could not stay: the next one can.
        if session.wasTicked { course.again(.change, now: .now) }
    }

    /// Who may ask for a connection, as a session left it on the disk.
    func learn(from session: SessionRunner) async {
        guard let known = try? await storage.run({ state, _ in try KnownRequests(state) }) else { return }
        requests.learn(known, clock: session.serverClock, now: now())
    }

    /// An event written while Done was on its way was told to a session that sent nothing any more: it does not wait for the interval.
    private func hearOfEvents(_ course: inout LinkCourse) async {
        guard let position = try? await storage.run({ _, spool in try spool.position() }), position.firstHeld < position.next
        else { return }
        course.heard(.eventsAppended, now: .now)
    }

    func failed(_ failure: LinkFailure, _ course: inout LinkCourse) async {
        attempts.failed(failure)
        let now = now()
        let next = now + course.failed(failure, now: .now)
        let old = try? await storage.run { state, _ in try state.facts().failure }
        var current = ConnectionFailure(after: old, reason: failure.reason, text: failure.text, now: now, nextTry: next)
        logger.warning(
            "connection.failed",
            metadata: [
                "close.reason": "\(failure.reason.code)", "text": "\(failure.text)", "attempt": "\(current.attempts)",
                "since": "\(current.since)", "next": "\(next)",
            ])
        if current.isEventDue(now: now) {
            await raise(
                EventType.synchronizationFailed, .warning,
                "no synchronization since \(current.since): \(current.reason.deviceWords)",
                ["reason": .text(current.reason.code), "since": .time(current.since)])
            current.isReported = true
        }
        _ = try? await storage.run { [current] state, _ in try state.update { $0.failure = current } }
        // Whoever asked may look at the status next: it says the same.
        course.answer(.failure(failure.error))
    }

    private func recovered(_ failure: ConnectionFailure, now: Timestamp) async {
        guard failure.isReported else { return }
        await raise(
            EventType.synchronizationRecovered, .info,
            "synchronization works again after \((now - failure.since).text) and \(failure.attempts) attempts",
            [
                "reason": .text(failure.reason.code), "attempts": .integer(Int64(failure.attempts)),
                "duration": .duration(now - failure.since),
            ])
    }

    /// Said once when the clock goes off, not at every synchronization.
    private func watchClock(_ offset: Duration, before: Duration?, _ session: SessionRunner, now: Timestamp) async {
        let isOff = offset > Self.clockTolerance || offset < .zero - Self.clockTolerance
        let wasOff = before.map { $0 > Self.clockTolerance || $0 < .zero - Self.clockTolerance } ?? false
        let isFirst = session.opening.session == 0
        guard isOff, !wasOff || isFirst else { return }
        await raise(
            EventType.clockOff, .warning, "the device's clock is off by \(offset.milliseconds / 1000) s",
            ["offset": .duration(offset)])
    }

    func raise(_ type: String, _ severity: Severity, _ text: String, _ parameters: Parameters) async {
        let event = DeviceEvent(type: type, severity: severity, occurred: now(), parameters: parameters, text: text)
        guard (try? await storage.run({ _, spool in try spool.append([event]) })) != nil else { return }
        mailbox.put(.eventsAppended)
    }
}
