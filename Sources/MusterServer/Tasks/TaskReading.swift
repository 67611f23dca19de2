import MusterAPI
import MusterModel

/// Reads what a request says of a task by the manifest of its application: every wrong value is named with what is allowed.
struct TaskReading {
    let manifest: ApplicationManifest
    let type: TaskTypeDeclaration
    let seal: @Sendable (String) -> SecretValue?

    init(
        _ manifests: [ApplicationManifest], application: String, type: String, seal: @escaping @Sendable (String) -> SecretValue?
    ) throws(Problem) {
        let known = manifests.filter { !$0.tasks.isEmpty }
        guard let manifest = known.first(where: { $0.id.description == application }) else {
            throw .member(
                "application", "There is no such application that has tasks, or its manifest is not accepted.",
                allowed: known.map(\.id.description).joined(separator: ", "))
        }
        guard let declaration = manifest.task(type) else {
            throw .member(
                "type", "\(manifest.title) has no such type of task.",
                allowed: manifest.tasks.map(\.type).joined(separator: ", "))
        }
        self.manifest = manifest
        self.type = declaration
        self.seal = seal
    }

    /// - Parameters:
    ///   - wanted: nil takes a value away.
    ///   - old: what stays where nothing is said, also of secrets.
    func settings(
        _ wanted: [String: ManagedValueEntry?], old: [String: ManagedValue] = [:]
    ) throws(Problem) -> [String: ManagedValue] {
        guard let reader = manifest.manifest(ofTask: type.type) else { throw .internalError }
        let reading = PolicyReading(manifest: reader, seal: seal)
        var settings = old
        var errors: [Problem.FieldError] = []
        for (key, entry) in wanted.sorted(by: { $0.key < $1.key }) {
            guard let entry else {
                if reader[key] == nil, old[key] == nil {
                    errors.append(unknown(String(key.prefix(100)), reader))
                }
                settings[key] = nil
                continue
            }
            do throws(SettingFault) { settings[key] = try reading.value(entry, for: key, old: old[key]) } catch {
                errors.append(Self.error(error))
            }
        }
        if errors.isEmpty {
            do throws(SettingFault) { try manifest.check(settings, ofTask: type) } catch { errors.append(Self.error(error)) }
        }
        guard errors.isEmpty else { throw .members(errors) }
        return settings
    }

    private func unknown(_ key: String, _ reader: ApplicationManifest) -> Problem.FieldError {
        .init(
            field: "settings.\(key)", detail: "A task of the type \(type.type) has no such setting.",
            allowed: reader.settings.map(\.key).joined(separator: ", "))
    }

    private static func error(_ fault: SettingFault) -> Problem.FieldError {
        .init(field: "settings.\(fault.key)", detail: fault.text, allowed: fault.allowed)
    }

    /// - Parameter old: where nothing is said; nil: a new task.
    static func timing(
        schedule: String?, runMissed: Bool?, randomDelay: Int64?, stopAfter: Int64?, old: TaskTiming? = nil, now: Timestamp
    ) throws(Problem) -> TaskTiming {
        var kind = old?.schedule ?? .manually
        if let schedule {
            do throws(TaskScheduleError) { kind = try TaskSchedule(schedule) } catch { throw .member("schedule", error.reason) }
        }
        if schedule != nil, !(runMissed ?? old?.runsMissed ?? false), kind.isOver(at: now) {
            throw .member(
                "schedule",
                "The time of '\(kind)' has passed everywhere: it would never run. Give one that comes, or have a missed "
                    + "run caught up on (--run-missed).")
        }
        let stop = stopAfter.map { $0 == 0 ? nil : Duration.seconds($0) } ?? old?.stopAfter
        do throws(TaskScheduleError) {
            return try TaskTiming(
                kind, runsMissed: runMissed ?? old?.runsMissed ?? false,
                randomDelay: randomDelay.map { .seconds($0) } ?? old?.randomDelay ?? .zero, stopAfter: stop)
        } catch {
            throw .member(
                stopAfter != nil && error.code == .wrongStopAfter ? "stopAfterSeconds" : "randomDelaySeconds", error.reason)
        }
    }

    /// `400d`; seconds where a person would not write it.
    private static func written(_ seconds: Int64) -> String {
        (0...Duration.days(36_500).components.seconds).contains(seconds) ? Duration.seconds(seconds).text : "\(seconds) s"
    }

    /// - Returns: nil when nothing is said.
    static func wait(_ seconds: Int64?) throws(Problem) -> Duration? {
        guard let seconds else { return nil }
        guard ManagedTask.waits.contains(.seconds(seconds)) else {
            throw .member(
                "expiresAfterSeconds", "\(written(seconds)) is not allowed.",
                allowed: "\(ManagedTask.waits.lowerBound.components.seconds)…\(ManagedTask.waits.upperBound.components.seconds)")
        }
        return .seconds(seconds)
    }
}
