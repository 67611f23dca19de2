import MusterAPI
import MusterModel

/// Follows an action and says each step of each device once, in words.
struct ActionFollower {
    enum End: Equatable {
        /// It is known how each device is reached.
        case reached
        /// Each is at its end, or the time is up.
        case done(within: Duration)
    }

    /// Between two looks.
    private static let period = Duration.milliseconds(200)
    /// A connection request is answered in 5 s or not at all.
    private static let reachTime = Duration.seconds(8)
    /// More devices than this are shown as numbers.
    private static let maximumLines = 50

    private(set) var client: APIClient
    private(set) var order: ActionOrderEntry
    let isTable: Bool
    private var said: [ActionID: String] = [:]
    /// How it was reached is said also when it was done between two looks.
    private var saidToBeSent: Set<ActionID> = []
    private var counts: [String: Int64] = [:]
    private var use: PermanentConnectionUse?

    init(client: APIClient, order: ActionOrderEntry, isTable: Bool) {
        self.client = client
        self.order = order
        self.isTable = isTable
    }

    mutating func follow(until end: End) async throws -> ActionOrderEntry {
        if isTable { Console.remark("Action \(order.id) for \(order.total) \(order.total == 1 ? "device" : "devices").") }
        let start = ContinuousClock.now
        let limit = if case .done(let time) = end { time } else { Self.reachTime }
        while true {
            let isOver = try await look(end)
            if isOver || ContinuousClock.now - start >= limit { return order }
            try await Task.sleep(for: Self.period)
        }
    }

    /// - Returns: whether the end is reached.
    private mutating func look(_ end: End) async throws -> Bool {
        order = try await client.get(APIPath.filled(APIPath.action, order.id), as: ActionOrderEntry.self)
        let open = order.total - order.counts.filter { ActionProgress(code: $0.key)?.isFinal == true }.values.reduce(0, +)
        guard order.total <= Self.maximumLines else {
            try sayCounts()
            return open == 0 || (end == .reached && order.counts[ActionProgress.pending.code] == nil)
        }
        var actions: [ActionEntry] = []
        try await client.forEachPage(APIPath.filled(APIPath.actionDevices, order.id), limit: nil) { actions += $0 }
        if actions.contains(where: { $0.isWaiting }), use == nil {
            use = try await client.get(APIPath.serverStatus, as: ServerStatus.self).permanentConnections
        }
        for action in actions { try say(action) }
        return open == 0 || (end == .reached && actions.allSatisfy { $0.route != nil || $0.ended != nil })
    }

    private mutating func say(_ action: ActionEntry) throws {
        guard let text = action.step(permanent: use), said[action.id] != text else { return }
        said[action.id] = text
        let isFirst = action.sent != nil && saidToBeSent.insert(action.id).inserted
        let texts = isFirst && text != action.sentText ? [action.sentText, text] : [text]
        guard isTable else { return }
        for text in texts { try Console.line(TerminalText.escaped("\(action.deviceName): \(text)")) }
    }

    private mutating func sayCounts() throws {
        guard isTable, counts != order.counts else { return }
        counts = order.counts
        let parts = ActionProgress.allCases.compactMap { progress in
            counts[progress.code].map { "\(progress.code) \($0)" }
        }
        try Console.line(parts.joined(separator: " · "))
    }
}

extension ActionEntry {
    /// Known to come at the next synchronization only.
    var isWaiting: Bool {
        ended == nil && accepted == nil && sent == nil && ["synchronization", "noAnswer"].contains(route)
    }

    /// How it stands, in words; nil while nothing is known.
    func step(permanent use: PermanentConnectionUse?) -> String? {
        guard let progress = ActionProgress(code: progress) else { return progress }
        switch progress {
        case .pending: return waitingText(use)
        case .sent: return sentText
        case .accepted: return "accepted by the device"
        case .done: return "done, state and statistics of \(Shown.time(ended))"
        case .failed: return "failed: \(text ?? code.map(ReasonWords.text) ?? "no reason was given")"
        case .expired: return "expired before the device came"
        case .cancelled: return "cancelled"
        }
    }

    var sentText: String {
        switch route.flatMap(ActionRoute.init(rawValue:)) {
        case .connectionRequest:
            "connection request sent, connected" + (connectedAfterMilliseconds.map { " after \($0) ms" } ?? "")
        case .synchronization, .noAnswer: "sent at the device's synchronization"
        case .connection, nil: "sent over the open connection"
        }
    }

    private func waitingText(_ use: PermanentConnectionUse?) -> String? {
        let why: String
        switch route.flatMap(ActionRoute.init(rawValue:)) {
        case .synchronization: why = "its UDP port is not known to be open"
        case .noAnswer: why = "no answer to the connection request on its UDP port"
        case .connection, .connectionRequest, nil: return nil
        }
        switch connectionState.flatMap(ConnectionState.init(code:)) {
        // Nothing reaches them.
        case .neverConnected: return "waits for the device, which has never connected"
        case .shutDown, .suspended, .agentStopped, .overdue, .refused:
            return "waits for the device: \(connectionState.flatMap(ConnectionState.init(code:))?.words ?? "")"
        case .connected, .onSchedule, .rebooting, nil: break
        }
        let next = "next synchronization \(Shown.time(nextSynchronization))"
        guard let use, permanentConnection != true else { return "\(why), \(next)" }
        return "\(why), \(next); to reach it at once tick Do not disconnect (\(use.ticked) of \(use.limit))"
    }
}
