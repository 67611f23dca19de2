import MusterAPI
import MusterModel

/// Follows an action and says each step of each device once, in words; at the end, how those stand that are not done.
struct ActionFollower {
    enum End: Equatable {
        /// It is known how each device is reached.
        case reached
        /// Each is at its end, or the time is up.
        case done(within: Duration)
    }

    /// A connection request is answered in 5 s or not at all.
    static let reachTime = Duration.seconds(8)
    /// More devices than this are shown as numbers; at the end, as many are shown that are not done.
    private static let maximumLines = 50

    private let configuration: ClientConfiguration
    private let isTable: Bool
    private var order: ActionOrderEntry
    /// As seen last: all of them, or none yet.
    private var actions: [ActionEntry] = []
    private var said: [ActionID: String] = [:]
    /// How it was reached is said also when it was done between two looks.
    private var saidToBeSent: Set<ActionID> = []
    private var counts: [String: Int64] = [:]
    private var use: PermanentConnectionUse?

    init(configuration: ClientConfiguration, order: ActionOrderEntry, isTable: Bool) {
        self.configuration = configuration
        self.order = order
        self.isTable = isTable
    }

    var isDone: Bool { order.counts[ActionProgress.done.code] == order.total }

    var outcome: ActionOutcome { ActionOutcome(order, actions) }

    private var isSmall: Bool { order.total <= Self.maximumLines }

    mutating func follow(until end: End) async throws {
        if isTable {
            try Console.line("Action \(order.id) for \(order.total) \(order.total == 1 ? "device" : "devices").")
        }
        var looks = RepeatedLook(configuration, within: end.time)
        _ = try await looks.until { client in try await self.look(end, &client) }
        if !isSmall { await fetchAll() }
        if isTable { try sayWhatIsOpen(end) }
    }

    /// - Returns: whether the end is reached.
    private mutating func look(_ end: End, _ client: inout APIClient) async throws -> Bool {
        order = try await client.get(APIPath.filled(APIPath.action, order.id), as: ActionOrderEntry.self)
        guard isSmall else {
            try sayCounts()
            return order.open == 0 || (end == .reached && order.counts[ActionProgress.pending.code] == nil)
        }
        actions = try await client.actions(of: order)
        if actions.contains(where: { $0.isWaiting }), use == nil {
            use = try await client.get(APIPath.serverStatus, as: ServerStatus.self).permanentConnections
        }
        let names = ActionNames(actions)
        for action in actions { try say(action, names) }
        return order.open == 0 || (end == .reached && actions.allSatisfy { $0.route != nil || $0.ended != nil })
    }

    /// What is known without it is enough when the server is away.
    private mutating func fetchAll() async {
        let found = try? await APIClient.with(configuration) { client in try await client.actions(of: self.order) }
        actions = found ?? []
    }

    private mutating func say(_ action: ActionEntry, _ names: ActionNames) throws {
        guard let text = action.step(permanent: use), said[action.id] != text else { return }
        said[action.id] = text
        let isFirst = action.sent != nil && saidToBeSent.insert(action.id).inserted
        let texts = isFirst && text != action.sentText ? [action.sentText, text] : [text]
        guard isTable else { return }
        for text in texts { try Console.line(TerminalText.escaped("\(names.name(of: action)): \(text)")) }
    }

    private mutating func sayCounts() throws {
        guard isTable, counts != order.counts else { return }
        counts = order.counts
        let parts = ActionProgress.allCases.compactMap { progress in
            counts[progress.code].map { "\(progress.code) \($0)" }
        }
        try Console.line(parts.joined(separator: " · "))
    }

    /// How those stand that are under way; after --wait each of them, else those of which nothing was said.
    private func sayWhatIsOpen(_ end: End) throws {
        guard order.open > 0 else { return }
        let names = ActionNames(actions)
        let open = actions.filter { $0.ended == nil && (end != .reached || (isSmall && said[$0.id] == nil)) }
        for action in open.prefix(Self.maximumLines) {
            try Console.line(TerminalText.escaped("\(names.name(of: action)): not done: \(action.standing(permanent: use))"))
        }
        let more = open.count > Self.maximumLines ? " (\(open.count - Self.maximumLines) more are not shown)" : ""
        try Console.line("Not done yet: \(order.open) of \(order.total)\(more). To follow it: muster actions show \(order.id)")
    }
}

extension ActionFollower.End {
    var time: Duration {
        switch self {
        case .reached: ActionFollower.reachTime
        case .done(let time): time
        }
    }
}

extension ActionOrderEntry {
    /// Devices that are under way with it.
    var open: Int64 { total - counts.filter { ActionProgress(code: $0.key)?.isFinal == true }.values.reduce(0, +) }
}

extension APIClient {
    mutating func actions(of order: ActionOrderEntry) async throws -> [ActionEntry] {
        var actions: [ActionEntry] = []
        try await forEachPage(APIPath.filled(APIPath.actionDevices, order.id), limit: nil) { actions += $0 }
        return actions
    }
}

/// What the devices of an action are called in lines: two of one name with the beginning of their ids.
struct ActionNames {
    private static let shownDigits = 8

    private let shared: Set<String>

    init(_ actions: [ActionEntry]) {
        let devices = Dictionary(grouping: actions, by: \.deviceName).mapValues { Set($0.map(\.device)).count }
        shared = Set(devices.filter { $0.value > 1 }.keys)
    }

    func name(of action: ActionEntry) -> String {
        guard shared.contains(action.deviceName) else { return action.deviceName }
        return "\(action.deviceName) (\(action.device.description.prefix(Self.shownDigits)))"
    }
}
