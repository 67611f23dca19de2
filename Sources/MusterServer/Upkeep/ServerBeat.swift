import MusterModel
import ServiceLifecycle

/// Notices when the server was not there: a machine that was suspended, a process that was stopped, a clock that was set. What the devices
/// missed meanwhile is not counted against them.
struct ServerBeat: Service {
    /// Well below `ServerAttendance.unnoticed`.
    static let period = Duration.seconds(5)

    let directory: DeviceDirectory
    let now: @Sendable () -> Timestamp
    let sleep: @Sendable (Duration) async throws -> Void

    func run() async throws {
        await cancelWhenGracefulShutdown {
            while (try? await sleep(Self.period)) != nil { directory.beat(now: now()) }
        }
    }
}
