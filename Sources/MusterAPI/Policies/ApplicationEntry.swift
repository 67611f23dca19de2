package import MusterModel

/// What a managed application lets an administrator set.
package struct ApplicationEntry: Codable, Sendable, Hashable {
    package struct Setting: Codable, Sendable, Hashable {
        package var key: String
        package var title: String
        package var help: String
        /// `switch`, `number`, `duration`, `choice`, `choices`, `text`, `list`, `secret`.
        package var type: String
        /// For people.
        package var allowed: String
        /// Absent: the application goes on with what it has.
        package var standard: ManagedValueEntry?

        package init(key: String, title: String, help: String, type: String, allowed: String, standard: ManagedValueEntry?) {
            self.key = key
            self.title = title
            self.help = help
            self.type = type
            self.allowed = allowed
            self.standard = standard
        }
    }

    /// A type of task that it has.
    package struct TaskType: Codable, Sendable, Hashable {
        package var type: String
        package var title: String
        package var help: String
        /// For how many devices an hour it may be ordered goes by the *reach* of who does.
        package var limitedByReach: Bool
        package var settings: [Setting]
        /// Keys without which there is no such task.
        package var required: [String]
    }

    package var id: String
    package var title: String
    /// Of what is set anew: those of the manifest accepted last, else of the one that came last.
    package var settings: [Setting]
    package var tasks: [TaskType]
    /// `built-in`, `accepted`, `not-accepted` or `rejected`: of the manifest that the settings are of. Policies can be made for the first two.
    package var standing: String?
    /// Absent: it is built in. The one that came last first.
    package var manifests: [ManifestEntry]?

    package init(_ manifest: ApplicationManifest, standing: String = "built-in", manifests: [ManifestEntry]? = nil) {
        id = manifest.id.description
        title = manifest.title
        settings = manifest.settings.map(Setting.init)
        tasks = manifest.tasks.map(TaskType.init)
        self.standing = standing
        self.manifests = manifests
    }
}

extension ApplicationEntry.Setting {
    package init(_ setting: SettingDeclaration) {
        self.init(
            key: setting.key, title: setting.title, help: setting.help, type: setting.type.name,
            allowed: setting.type.allowed, standard: setting.standard.map { ManagedValueEntry($0) })
    }
}

extension ApplicationEntry.TaskType {
    package init(_ task: TaskTypeDeclaration) {
        self.init(
            type: task.type, title: task.title, help: task.help, limitedByReach: task.isLimitedByReach,
            settings: task.settings.map { ApplicationEntry.Setting($0) }, required: task.required.sorted())
    }
}

extension SettingType {
    fileprivate var name: String {
        switch self {
        case .onOff: "switch"
        case .number: "number"
        case .duration: "duration"
        case .choice: "choice"
        case .choices: "choices"
        case .text: "text"
        case .list: "list"
        case .secret: "secret"
        }
    }
}
