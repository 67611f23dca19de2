/// What a managed application lets an administrator set, and how it is shown.
package struct ApplicationManifest: Hashable, Sendable {
    package let id: ApplicationID
    package let title: String
    /// In the order in which they are shown; each key once.
    package let settings: [SettingDeclaration]
    /// What can be ordered of it; each type once.
    package let tasks: [TaskTypeDeclaration]
    /// Whether devices get them; the conditions of device status stay at the server.
    package let travels: Bool

    package init(
        id: ApplicationID, title: String, travels: Bool = true, settings: [SettingDeclaration], tasks: [TaskTypeDeclaration] = []
    ) {
        self.id = id
        self.title = title
        self.travels = travels
        self.settings = settings
        self.tasks = tasks
    }

    package subscript(_ key: String) -> SettingDeclaration? { settings.first { $0.key == key } }

    /// Those of the applications that come with the server and the agent.
    package static let builtIn = [networkAgent, services, apt, clamAV, scripts, device, deviceStatus]

    /// Those that policies can be about.
    package static let withSettings = builtIn.filter { !$0.settings.isEmpty }

    package static func builtIn(_ id: ApplicationID) -> ApplicationManifest? { builtIn.first { $0.id == id } }

    package static func withSettings(_ id: ApplicationID) -> ApplicationManifest? { withSettings.first { $0.id == id } }
}

/// One setting.
package struct SettingDeclaration: Hashable, Sendable {
    /// Small letters, digits and hyphens; unique in the application, never used again for something else.
    package let key: String
    package let type: SettingType
    /// In force where nothing is set; nil: the application goes on with what it has.
    package let standard: ManagedValue?
    package let title: String
    /// A sentence or two.
    package let help: String

    package init(_ key: String, _ type: SettingType, standard: ManagedValue? = nil, title: String, help: String) {
        self.key = key
        self.type = type
        self.standard = standard
        self.title = title
        self.help = help
    }
}

/// Why a value cannot be set.
package struct SettingFault: Error, Hashable, Sendable {
    package let key: String
    /// A sentence.
    package let text: String
    /// What would be allowed.
    package let allowed: String

    package init(key: String, text: String, allowed: String) {
        self.key = key
        self.text = text
        self.allowed = allowed
    }
}

extension ApplicationManifest {
    /// The value of a setting as a person typed it. A secret is sealed by `seal`.
    package func value(
        of text: String, for key: String, seal: (String) -> SecretValue
    ) throws(SettingFault) -> ManagedValue {
        let declaration = try declaration(key)
        if declaration.type == .secret {
            guard (1...SettingFormat.maximumBytes).contains(text.utf8.count) else {
                throw fault(declaration, shown: "The secret")
            }
            return .secret(seal(text))
        }
        guard let value = declaration.type.value(of: text) else {
            throw fault(declaration, shown: declaration.type.trouble(with: text) ?? "'\(text.prefix(100))'")
        }
        return value
    }

    /// - Throws: for a key the application does not have, and a value it does not take.
    package func check(_ value: ManagedValue, for key: String) throws(SettingFault) {
        let declaration = try declaration(key)
        guard declaration.type.accepts(value) else {
            throw fault(declaration, shown: "'\(value.description.prefix(100))'")
        }
    }

    private func declaration(_ key: String) throws(SettingFault) -> SettingDeclaration {
        guard let declaration = self[key] else {
            throw SettingFault(
                key: String(key.prefix(100)), text: "\(title) has no such setting.",
                allowed: settings.map(\.key).joined(separator: ", "))
        }
        return declaration
    }

    private func fault(_ declaration: SettingDeclaration, shown: String) -> SettingFault {
        SettingFault(
            key: declaration.key, text: "\(shown) is not allowed for '\(declaration.title)'.", allowed: declaration.type.allowed)
    }
}
