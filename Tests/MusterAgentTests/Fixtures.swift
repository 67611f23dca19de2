import FoundationEssentials
import Glibc
import MusterModel

@testable import MusterAgent

/// 2026-11-24T14:30:00Z.
let noon = Timestamp(milliseconds: 1_795_530_600_000)

/// A directory that goes with this value.
final class TemporaryDirectory: Sendable {
    let path: String

    /// - Parameter parent: `/dev/shm` where so much is written that a disk would take minutes for it.
    init(in parent: String = FileManager.default.temporaryDirectory.path) throws {
        var template = Array("\(parent)/muster-agent-XXXXXX".utf8CString)
        guard mkdtemp(&template) != nil else { throw AgentError.system(.storageFailed, "mkdtemp", errno) }
        path = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }

    /// Makes a file and the directories above it.
    func write(_ relative: String, _ text: String) throws {
        let file = path + "/" + relative
        let parent = String(file[..<(file.lastIndex(of: "/") ?? file.startIndex)])
        try FileManager.default.createDirectory(atPath: parent, withIntermediateDirectories: true)
        try Data(text.utf8).write(to: URL(filePath: file))
    }

    /// As dpkg replaces its files: written beside, then renamed.
    func replace(_ relative: String, _ text: String) throws {
        try write(relative + "-new", text)
        guard rename(path + "/" + relative + "-new", path + "/" + relative) == 0 else {
            throw AgentError.system(.storageFailed, "rename", errno)
        }
    }

    func remove(_ relative: String) throws { try FileManager.default.removeItem(atPath: path + "/" + relative) }
}

/// An agent's state directory with its database.
struct StateFixture {
    let temporary: TemporaryDirectory
    let directory: StateDirectory
    let state: AgentState
    let spool: Spool

    init(
        limits: SpoolLimits = .standard, epoch: UInt64 = 7, in parent: String = FileManager.default.temporaryDirectory.path
    ) throws {
        temporary = try TemporaryDirectory(in: parent)
        directory = try StateDirectory(temporary.path + "/state", creating: true)
        state = AgentState(try AgentDatabase(directory, mode: .creating, epoch: epoch))
        spool = Spool(state.database, limits: limits)
    }

    /// The same files through another connection: what a restarted agent finds.
    func reopened() throws -> (state: AgentState, spool: Spool) {
        let state = AgentState(try AgentDatabase(directory, mode: .existing))
        return (state, Spool(state.database))
    }
}

func event(_ number: Int = 1, severity: Severity = .info, text: String? = nil) -> DeviceEvent {
    DeviceEvent(type: "test", severity: severity, occurred: noon + .seconds(number), text: text ?? "event \(number)")
}

/// The code of the error thrown, if one was.
func code<Value>(of body: () throws(AgentError) -> Value) -> AgentError.Code? {
    do {
        _ = try body()
        return nil
    } catch {
        return error.code
    }
}

/// A repeatable source of "random" choices.
struct Sequence64: RandomNumberGenerator {
    var value: UInt64
    mutating func next() -> UInt64 {
        value &+= 0x9e37_79b9_7f4a_7c15
        var mixed = value
        mixed = (mixed ^ (mixed >> 30)) &* 0xbf58_476d_1ce4_e5b9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94d0_49bb_1331_11eb
        return mixed ^ (mixed >> 31)
    }
}

/// A paragraph of dpkg's status.
func package(
    _ name: String, _ version: String? = "1", _ architecture: String? = "amd64", state: String = "installed", kibibytes: Int? = 4
) -> String {
    [
        "Package: \(name)", "Status: install ok \(state)", kibibytes.map { "Installed-Size: \($0)" },
        architecture.map { "Architecture: \($0)" }, version.map { "Version: \($0)" },
        "Description: made up\n Version: not a field, but the text\n .\n more",
    ].compactMap { $0 }.joined(separator: "\n") + "\n\n"
}

func application(
    _ name: String, _ version: String = "1", _ architecture: String = "amd64", source: String = "dpkg", size: UInt64 = 4096
) -> InstalledApplication {
    InstalledApplication(source: source, name: name, version: version, architecture: architecture, size: size)
}
