import MusterModel
import ServiceLifecycle

/// Notices when the server was not there: a machine that was suspended, a process that was stopped, a clock that was set. What the devices
/// missed meanwhile is not counted against them. And looks at devices for which time has made another rule or profile hold.
struct ServerBeat: Service {
    /// Well below `ServerAttendance.unnoticed`.
    static let period = Duration.seconds(5)

    let house: ServerHouse
    let now: @Sendable () -> Timestamp
    let sleep: @Sendable (Duration) async throws -> Void

    func run() async throws {
        await cancelWhenGracefulShutdown {
            while (try? await sleep(Self.period)) != nil { house.follow(house.context.directory.beat(now: now())) }
        }
    }
}
