import MusterModel

/// Restarts the device or switches it off, after a delay in which its users may save what they have.
struct ShutdownTask: TaskWork {
    enum Kind: Sendable {
        case restart, powerOff

        fileprivate var option: String { self == .restart ? "--reboot" : "--poweroff" }
        fileprivate var words: String { self == .restart ? "restarts" : "is switched off" }
    }

    /// systemd writes a file and is done.
    private static let patience = Duration.seconds(60)

    let kind: Kind

    func run(_ task: TaskDefinition, in context: TaskContext) async -> TaskConclusion {
        guard FileStamp(context.root.path("run/systemd/system")) != nil else {
            return .failed("systemdMissing", "this device does not run systemd, which would arrange it")
        }
        let minutes = Self.minutes(task.duration(DeviceTaskKey.delay) ?? .minutes(1))
        let message = task.text(DeviceTaskKey.message).map { [$0] } ?? []
        var program = TaskProgram(context.root.path("sbin/shutdown"), [kind.option, "--", "+\(minutes)"] + message)
        program.limit = Self.patience
        switch await context.run(program) {
        case .exited(0):
            context.print("The device \(kind.words) in \(Duration.minutes(minutes).text).")
            return .succeeded(exitCode: 0)
        case .exited(let code):
            return .failed("shutdownFailed", "systemd would not arrange it: the output says why", exitCode: code)
        case .notStarted(let text): return .failed("notStarted", text)
        case .timedOut: return .failed("systemdSilent", "systemd did not answer within \(Self.patience.text)")
        case .cancelled: return .failed("stopped", "it was not arranged")
        }
    }

    /// systemd counts in whole ones; never sooner than was asked for.
    private static func minutes(_ delay: Duration) -> Int64 { max(1, (delay.milliseconds + 59_999) / 60_000) }
}
