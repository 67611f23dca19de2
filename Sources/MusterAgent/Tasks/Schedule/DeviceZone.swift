import MusterModel
import Synchronization

/// The device's time zone as it is now: `/etc/localtime`, read when it is another file.
final class DeviceZone: Sendable {
    /// The largest zone of tzdata has 4 KiB; one written for 400 years without rules some 30.
    private static let maximumBytes = 256 * 1024

    private struct State {
        var stamp: [Int64] = []
        var rules = ZoneRules.utc
    }

    private let path: String
    private let state = Mutex(State())

    init(root: RootPath) { path = root.path("etc/localtime") }

    /// Blocks for a small file at most. UTC where there is none, or none that can be read.
    var rules: ZoneRules {
        state.withLock { state in
            guard let status = try? FileStatus(path, followingLinks: true) else {
                state = State()
                return state.rules
            }
            let stamp = [
                Int64(bitPattern: status.inode), status.size, status.modified.seconds, status.modified.nanoseconds,
            ]
            guard stamp != state.stamp else { return state.rules }
            let rules = SystemCall.contents(of: path, limit: Self.maximumBytes).flatMap { try? ZoneRules(file: $0) }
            state = State(stamp: stamp, rules: rules ?? .utc)
            return state.rules
        }
    }
}
