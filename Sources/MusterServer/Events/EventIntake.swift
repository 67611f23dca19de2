import MusterModel
import MusterStore

/// Takes events from devices into the store: corrects their clocks, stores a batch with the device's position in one transaction, and
/// only then lets the acknowledgement go. Numbers already stored (an acknowledgement was lost) are not stored twice.
struct EventIntake: Sendable {
    let store: Store
    let directory: DeviceDirectory
    let feed: EventFeed

    /// - Returns: the last number stored, to acknowledge; nil when the events do not follow what is stored.
    func store(_ events: [NumberedEvent], of device: DeviceID, clockOffset: Duration, now: Timestamp) async throws(StoreError)
        -> UInt64?
    {
        guard let epoch = events.first?.first.epoch, let end = events.last?.place else { return nil }
        var rest = events[...]
        // Twice at most: the first answer says where the store is, and this session is the only one of its device.
        for _ in 0..<2 {
            guard let first = rest.first else { return end.last }
            let result = try await store.storeEvents(
                device: device, epoch: epoch, expectedLast: first.first.number - 1,
                events: rest.map { StoredEventInput($0, clockOffset: clockOffset) }, newPlace: end, received: now)
            switch result {
            case .stored(let position):
                directory.eventsStored(device, epoch: epoch, through: end)
                noteAbsence(rest, of: device, now: now)
                noteRuns(rest, of: device, now: now)
                feed.publish(position: position, count: rest.count)
                return end.last
            case .outOfOrder(let stored):
                // A commit whose answer was lost: what was stored then is what came now, by its stamp.
                guard events.contains(where: { $0.place == stored }) else { return nil }
                rest = rest.drop { $0.last <= stored.last }
                directory.eventsStored(device, epoch: epoch, through: stored)
            }
        }
        return rest.isEmpty ? end.last : nil
    }

    /// An agent that stops says so by an event too, which comes where a shutdown notice does not. One that lay on the device while the agent
    /// was off is followed by `agent-started`.
    private func noteAbsence(_ events: ArraySlice<NumberedEvent>, of device: DeviceID, now: Timestamp) {
        for case .event(let event) in events.map(\.content) {
            switch event.type {
            case EventType.agentStopped:
                directory.noticeReceived(device, AbsenceNotice(kind: event.stopped, time: now))
            case EventType.agentStarted: directory.agentStarted(device)
            default: break
            }
        }
    }

    private func noteRuns(_ events: ArraySlice<NumberedEvent>, of device: DeviceID, now: Timestamp) {
        let ends = events.compactMap { event -> (task: TaskID, state: RunState)? in
            guard case .event(let content) = event.content, let report = RunReport(content), let end = report.end else {
                return nil
            }
            return (report.task, RunState(end.result))
        }
        directory.runsEnded(ends, of: device, now: now)
    }

    /// Puts a gap where events were acknowledged once and are not in the database any more.
    func storeLost(of device: DeviceID, epoch: UInt64, first: UInt64, last: UInt64, now: Timestamp) async throws(StoreError) {
        let count = last - first + 1
        let end = StoredPlace(last: last, stamp: 0)
        let event = StoredEventInput(
            sequence: first, count: count, type: EventType.eventsLostAtServer, severity: .error,
            text: "\(count) events of this device (\(first) to \(last)) were acknowledged and are not in this database",
            parameters: [
                "first": .integer(Int64(clamping: first)), "last": .integer(Int64(clamping: last)),
                "count": .integer(Int64(clamping: count)),
            ],
            occurred: now, occurredRaw: now)
        let result = try await store.storeEvents(
            device: device, epoch: epoch, expectedLast: first - 1, events: [event], newPlace: end, received: now)
        guard case .stored(let position) = result else { return }
        directory.eventsStored(device, epoch: epoch, through: end)
        feed.publish(position: position, count: 1)
    }
}

extension DeviceEvent {
    /// Of `agent-stopped`: what stopped.
    fileprivate var stopped: AbsenceNotice.Kind {
        guard case .text(let code) = parameters["reason"] else { return .agentStopped }
        return AbsenceNotice.Kind(code: code) ?? .agentStopped
    }
}

extension NumberedEvent {
    /// Where its epoch ends with it.
    fileprivate var place: StoredPlace { StoredPlace(last: last, stamp: stamp) }
}

extension StoredEventInput {
    fileprivate init(_ event: NumberedEvent, clockOffset: Duration) {
        switch event.content {
        case .event(let content):
            self.init(
                sequence: event.first.number, stamp: event.stamp, type: content.type, severity: content.severity,
                text: content.text,
                parameters: content.parameters, occurred: content.occurred + clockOffset, occurredRaw: content.occurred,
                formerly: event.formerly)
        case .gap(let gap):
            let text = "\(event.count) events were dropped on the device, whose spool was full"
            var parameters: Parameters = [
                "first": .integer(Int64(clamping: event.first.number)), "last": .integer(Int64(clamping: event.last)),
                "count": .integer(Int64(clamping: event.count)), "from": .time(gap.from + clockOffset),
                "to": .time(gap.to + clockOffset),
            ]
            for (severity, count) in gap.counts { parameters[severity.code] = .integer(Int64(clamping: count)) }
            self.init(
                sequence: event.first.number, count: event.count, stamp: event.stamp, type: EventType.eventsDropped,
                severity: .warning, text: text, parameters: parameters, occurred: gap.to + clockOffset, occurredRaw: gap.to,
                formerly: event.formerly)
        }
    }
}
