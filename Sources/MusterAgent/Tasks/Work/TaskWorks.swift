import MusterModel

/// Which task types this agent knows, and what does them.
enum TaskWorks {
    /// Nil for one that it does not know.
    static func builtIn(_ application: ApplicationID, _ type: String) -> (any TaskWork)? {
        works["\(application)/\(type)"]
    }

    /// - Parameter connectors: the directory of those that do the tasks of other applications.
    static func work(for task: TaskDefinition, connectors: String?) -> (any TaskWork)? {
        guard ApplicationManifest.builtIn(task.application) == nil else { return builtIn(task.application, task.type) }
        return connectors.map { ConnectorTask(directory: ConnectorDirectory(path: $0)) }
    }

    /// By application and type.
    private static let works: [String: any TaskWork] = [
        "scripts/\(ScriptTaskKey.run)": ScriptTask(),
        "device/\(DeviceTaskKey.restart)": ShutdownTask(kind: .restart),
        "device/\(DeviceTaskKey.shutDown)": ShutdownTask(kind: .powerOff),
        "services/\(ServicesTaskKey.start)": UnitTask(verb: .start),
        "services/\(ServicesTaskKey.stop)": UnitTask(verb: .stop),
        "services/\(ServicesTaskKey.restart)": UnitTask(verb: .restart),
        "apt/\(APTTaskKey.refreshLists)": PackageTask(kind: .refresh),
        "apt/\(APTTaskKey.install)": PackageTask(kind: .install),
        "apt/\(APTTaskKey.remove)": PackageTask(kind: .remove),
        "apt/\(APTTaskKey.upgrade)": PackageTask(kind: .upgrade),
        "clamav/scan": ScanWork(), "clamav/update-databases": UpdateDatabasesWork(),
    ]
}
