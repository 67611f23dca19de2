import MusterModel

/// Settings of a task as its work reads them: what nobody set is as the manifest says.
extension TaskDefinition {
    func value(_ key: String) -> ManagedValue? {
        settings[key] ?? ApplicationManifest.builtIn(application)?.task(type)?[key]?.standard
    }

    func text(_ key: String) -> String? { if case .text(let text)? = value(key) { text } else { nil } }
    func texts(_ key: String) -> [String] { if case .list(let texts)? = value(key) { texts } else { [] } }
    func duration(_ key: String) -> Duration? { if case .duration(let duration)? = value(key) { duration } else { nil } }
    func isOn(_ key: String) -> Bool { value(key) == .onOff(true) }
}
