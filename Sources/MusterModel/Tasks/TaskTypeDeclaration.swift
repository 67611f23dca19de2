/// A type of task that an application has: what it does, and what may be set for it.
package struct TaskTypeDeclaration: Hashable, Sendable {
    /// Small letters, digits and hyphens; unique in the application, never used again for something else.
    package let type: String
    package let title: String
    /// A sentence or two.
    package let help: String
    /// In the order in which they are shown; each key once.
    package let settings: [SettingDeclaration]
    /// Keys of settings without which there is no such task.
    package let required: Set<String>
    /// Whether it runs programs of somebody's choice, installs or removes: how many devices it may be ordered for in an hour is limited.
    package let isLimitedByReach: Bool

    package init(
        _ type: String, title: String, help: String, isLimitedByReach: Bool = false, settings: [SettingDeclaration] = [],
        required: Set<String> = []
    ) {
        self.type = type
        self.title = title
        self.help = help
        self.isLimitedByReach = isLimitedByReach
        self.settings = settings
        self.required = required
    }

    package subscript(_ key: String) -> SettingDeclaration? { settings.first { $0.key == key } }
}

extension ApplicationManifest {
    package func task(_ type: String) -> TaskTypeDeclaration? { tasks.first { $0.type == type } }

    /// One type of task as a manifest of its own, so that its settings are read and checked as an application's are.
    package func manifest(ofTask type: String) -> ApplicationManifest? {
        task(type).map { ApplicationManifest(id: id, title: $0.title, settings: $0.settings) }
    }

    /// - Throws: for a setting the type does not have, a value it does not take, and one that is missing.
    package func check(_ settings: [String: ManagedValue], ofTask type: TaskTypeDeclaration) throws(SettingFault) {
        let manifest = ApplicationManifest(id: id, title: type.title, settings: type.settings)
        for (key, value) in settings.sorted(by: { $0.key < $1.key }) { try manifest.check(value, for: key) }
        for declaration in type.settings where type.required.contains(declaration.key) && settings[declaration.key] == nil {
            throw SettingFault(
                key: declaration.key, text: "'\(declaration.title)' is missing.", allowed: declaration.type.allowed)
        }
    }
}
