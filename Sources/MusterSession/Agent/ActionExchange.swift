import MusterModel
import MusterWire

/// The agent's side of the actions of one session: what was ordered, how far each is, and which ends the server did not store yet.
struct ActionExchange: Sendable {
    /// Actions under way in one session: pending ones of one kind for one device are one, so a good server has as many as there are kinds.
    static let maximum = 64

    private enum Step: Hashable, Sendable {
        /// Being written down. Can go to: collecting, reported.
        case accepting(ActionOrder)
        /// Everything is collected anew. Can go to: synchronizing.
        case collecting
        /// The documents as they were collected are on their way. Can go to: finishing.
        case synchronizing
        /// Its end is being written down. Can go to: reported.
        case finishing
        /// Its end was said; the server stores it.
        case reported
    }

    private var steps: [ActionID: Step] = [:]
    /// The action of which more is to come.
    private var incoming: ActionPayload?

    /// Nothing is under way, and every end that was said is stored at the server.
    var isSettled: Bool { steps.isEmpty && incoming == nil }
    private var isCollecting: Bool { steps.values.contains(.collecting) }

    mutating func received(_ action: Muster_V1_Action) throws(WireError) -> [AgentSession.Action] {
        guard incoming == nil else { throw .malformedFrame("an action before the one before it was whole") }
        incoming = try ActionPayload(action)
        return try receivedIfWhole()
    }

    mutating func received(_ chunk: Muster_V1_ActionChunk) throws(WireError) -> [AgentSession.Action] {
        guard incoming != nil else { throw .malformedFrame("a piece of an action that is whole") }
        try incoming?.received(chunk)
        return try receivedIfWhole()
    }

    private mutating func receivedIfWhole() throws(WireError) -> [AgentSession.Action] {
        guard let order = incoming?.whole else { return [] }
        incoming = nil
        return try received(order)
    }

    private mutating func received(_ order: ActionOrder) throws(WireError) -> [AgentSession.Action] {
        // Said again after a lost answer: it is under way.
        guard steps[order.id] == nil else { return [] }
        guard steps.count < Self.maximum else { throw .malformedFrame("more than \(Self.maximum) actions at once") }
        steps[order.id] = .accepting(order)
        return [.acceptAction(order)]
    }

    /// An action of an earlier session. Its end was said and perhaps not stored, or it has none yet.
    mutating func remembered(_ report: ActionReport) -> ActionStart {
        if report.progress.isFinal {
            steps[report.id] = .reported
            return ActionStart(reports: [report])
        }
        return begin(report.id)
    }

    /// - Parameter report: as it stands on the disk now: accepted, or its end when it was known before.
    mutating func accepted(_ report: ActionReport) -> ActionStart {
        guard case .accepting = steps[report.id] else { return ActionStart() }
        if report.progress.isFinal {
            steps[report.id] = .reported
            return ActionStart(reports: [report])
        }
        var start = begin(report.id)
        start.reports = [report]
        return start
    }

    private mutating func begin(_ id: ActionID) -> ActionStart {
        let isAlone = !isCollecting
        steps[id] = .collecting
        return ActionStart(actions: isAlone ? [.collect] : [])
    }

    /// Everything was collected. - Returns: whether somebody asked for it.
    mutating func collected() -> Bool {
        var isWanted = false
        for (id, step) in steps where step == .collecting {
            steps[id] = .synchronizing
            isWanted = true
        }
        return isWanted
    }

    /// All documents are where they should be.
    mutating func synchronized() -> [AgentSession.Action] {
        var actions: [AgentSession.Action] = []
        for (id, step) in steps.sorted(by: { $0.key < $1.key }) where step == .synchronizing {
            steps[id] = .finishing
            actions.append(.finishAction(id))
        }
        return actions
    }

    /// - Returns: false when nothing of that id was being finished.
    mutating func finished(_ id: ActionID) -> Bool {
        guard steps[id] == .finishing else { return false }
        steps[id] = .reported
        return true
    }

    mutating func settled(_ id: ActionID) -> [AgentSession.Action] {
        steps[id] == .reported
            ? {
                steps[id] = nil; return [.forgetAction(id)]
            }() : []
    }
}

/// What begins with an action: reports to say, orders to run.
struct ActionStart {
    var reports: [ActionReport] = []
    var actions: [AgentSession.Action] = []
}
