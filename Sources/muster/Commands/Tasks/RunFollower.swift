import MusterAPI
import MusterModel

/// Follows the runs of an order and says each step of each device once, in words; at the end, how those stand that have not ended.
struct RunFollower {
    /// More runs than this are shown as numbers.
    private static let maximumLines = 50

    private let configuration: ClientConfiguration
    private let order: ActionOrderEntry
    private let isTable: Bool
    /// As seen last.
    private(set) var runs: [RunEntry] = []
    private var said: [RunID: String] = [:]
    private var counts = ""
    private var use: PermanentConnectionUse?

    init(configuration: ClientConfiguration, order: ActionOrderEntry, isTable: Bool) {
        self.configuration = configuration
        self.order = order
        self.isTable = isTable
    }

    /// Not before a run was seen.
    var isOver: Bool { !runs.isEmpty && runs.allSatisfy { $0.known?.isFinal == true } }
    var haveAllSucceeded: Bool { runs.allSatisfy { $0.known == .succeeded } }

    /// Between two looks; each reads all runs of the order, a thousand in some 20 ms.
    private var period: Duration {
        order.total > 1_000 ? .seconds(5) : order.total > Int64(Self.maximumLines) ? .seconds(1) : .milliseconds(200)
    }

    private var isSmall: Bool { runs.count <= Self.maximumLines }

    mutating func follow(until end: ActionFollower.End) async throws {
        if isTable {
            try Console.line("Action \(order.id) for \(order.total) \(order.total == 1 ? "device" : "devices").")
        }
        var looks = RepeatedLook(configuration, within: end.time, every: period)
        _ = try await looks.until { client in try await self.look(end, &client) }
        guard isTable else { return }
        try sayWhatIsOpen()
    }

    /// - Returns: whether the end is reached.
    private mutating func look(_ end: ActionFollower.End, _ client: inout APIClient) async throws -> Bool {
        runs = try await client.runs(of: order)
        if runs.contains(where: { $0.action.isWaiting }), use == nil {
            use = try await client.get(APIPath.serverStatus, as: ServerStatus.self).permanentConnections
        }
        if isTable { try isSmall ? saySteps() : sayCounts() }
        return isOver || (end == .reached && runs.allSatisfy { $0.known != .pending || $0.route != nil })
    }

    private mutating func saySteps() throws {
        for run in runs {
            guard let text = run.words(permanent: use), said[run.id] != text else { continue }
            said[run.id] = text
            try Console.line(TerminalText.escaped("\(run.deviceName): \(text)"))
        }
    }

    private mutating func sayCounts() throws {
        let text = RunCounts.text(runs)
        guard text != counts else { return }
        counts = text
        try Console.line(text)
    }

    private func sayWhatIsOpen() throws {
        for run in runs.prefix(Self.maximumLines) where run.hasOutput && run.known?.isFinal == true {
            try Console.line(TerminalText.escaped("\(run.deviceName): output: muster runs output \(run.id)"))
        }
        let open = runs.filter { $0.known?.isFinal != true }.count
        guard open > 0 else { return }
        try Console.line("Not ended yet: \(open) of \(runs.count). To follow it: muster runs list --order \(order.id)")
    }
}

enum RunCounts {
    /// `running 3 · succeeded 7`.
    static func text(_ runs: [RunEntry]) -> String {
        let counts = Dictionary(grouping: runs, by: \.state).mapValues(\.count)
        return RunState.allCases.compactMap { state in counts[state.code].map { "\(state.code) \($0)" } }
            .joined(separator: " · ")
    }
}

extension APIClient {
    mutating func runs(of order: ActionOrderEntry) async throws -> [RunEntry] {
        var runs: [RunEntry] = []
        try await forEachPage(APIPath.runs, query: [("order", order.id.description)], limit: nil) { runs += $0 }
        return runs.sorted { ($0.deviceName, $0.id.description) < ($1.deviceName, $1.id.description) }
    }
}
