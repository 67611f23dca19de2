import Foundation
import MusterSwarm
import Synchronization

/// The same command in several processes, each with its share of the fleet: one may open so many files, and its loops share one memory.
/// What they say goes on; what all of them must have reached is said once, when the last one has.
struct SwarmProcesses: Sendable {
    /// Options that each process has its own of.
    private static let own = [
        "processes", "devices", "first-device", "state-dir", "enrolments-per-second", "returns-per-second", "events-per-second",
        "udp-port", "output", "part",
    ]

    let shares: [ProcessShare]
    let arguments: [String]
    /// What begins a line that all of them say.
    let milestones: [String]

    /// What is there once the last has ended: their results as one.
    func run<Result: MergeableResult>(_ type: Result.Type, _ options: @Sendable (ProcessShare) -> [String]) async throws -> Result
    {
        let directory = FileManager.default.temporaryDirectory.appending(path: "muster-swarm-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: false)
        defer { try? FileManager.default.removeItem(at: directory) }
        let remarks = SwarmRemarks(processes: shares.count, milestones: milestones)
        let children = try shares.map { share in
            let file = directory.appending(path: "\(share.position).json")
            let own = options(share) + ["--part", file.path, "--output", "json"]
            return try SwarmProcess(share.position, arguments: Self.without(Self.own, in: arguments) + own, file, remarks)
        }
        return try await withTaskCancellationHandler {
            for child in children { await child.ended() }
            let parts = try children.map { try JSONDecoder().decode(Result.self, from: $0.result()) }
            var whole = parts[0]
            for part in parts.dropFirst() { whole.merge(part) }
            return whole
        } onCancel: {
            for child in children { child.interrupt() }
        }
    }

    /// A command line without these options and their values.
    static func without(_ names: [String], in arguments: [String]) -> [String] {
        var result: [String] = []
        var isValue = false
        for argument in arguments {
            let isNext = isValue
            isValue = names.contains { argument == "--\($0)" }
            if isValue || isNext || names.contains(where: { argument.hasPrefix("--\($0)=") }) { continue }
            result.append(argument)
        }
        return result
    }
}

/// One of them.
private final class SwarmProcess: Sendable {
    private let file: URL
    private let pid: Int32
    private let exit: AsyncStream<Void>

    init(_ position: Int, arguments: [String], _ file: URL, _ remarks: SwarmRemarks) throws {
        self.file = file
        let process = Process()
        process.executableURL = URL(filePath: "/proc/self/exe").resolvingSymlinksInPath()
        process.arguments = arguments
        process.standardOutput = FileHandle.nullDevice
        let pipe = Pipe()
        process.standardError = pipe
        pipe.fileHandleForReading.readabilityHandler = { handle in
            let data = handle.availableData
            if data.isEmpty { handle.readabilityHandler = nil }
            remarks.said(data, by: position)
        }
        let (exit, ending) = AsyncStream.makeStream(of: Void.self)
        self.exit = exit
        process.terminationHandler = { _ in ending.finish() }
        try process.run()
        pid = process.processIdentifier
    }

    /// Also when the task was cancelled: it was interrupted then, and still says what there was.
    func ended() async {
        let exit = exit
        await Task { for await _ in exit {} }.value
    }

    func interrupt() { kill(pid, SIGINT) }

    /// - Throws: when it ended without one; it has said why.
    func result() throws -> Data { try Data(contentsOf: file) }
}

/// What several processes say on stderr, line by line.
private final class SwarmRemarks: Sendable {
    private let milestones: [String]
    private let state: Mutex<(texts: [Data], reached: [String: Int])>

    init(processes: Int, milestones: [String]) {
        self.milestones = milestones
        state = Mutex((Array(repeating: Data(), count: processes), [:]))
    }

    func said(_ data: Data, by process: Int) {
        let lines = state.withLock { state in
            state.texts[process] += data
            var lines: [String] = []
            while let end = state.texts[process].firstIndex(of: UInt8(ascii: "\n")) {
                let text = String(decoding: state.texts[process][..<end], as: UTF8.self)
                state.texts[process] = Data(state.texts[process][(end + 1)...])
                guard milestones.contains(where: text.hasPrefix) else {
                    lines.append("process \(process + 1): \(text)")
                    continue
                }
                state.reached[text, default: 0] += 1
                if state.reached[text] == state.texts.count { lines.append(text) }
            }
            return lines
        }
        for line in lines { Terminal.remark(line) }
    }
}
