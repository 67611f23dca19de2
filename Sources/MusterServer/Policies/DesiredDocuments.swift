import MusterModel
import MusterWire

/// The documents that devices are to hold, made when first asked for: as many as there are differences between devices.
struct DesiredDocuments: Sendable {
    /// Differences that are kept ready; past it they are made anew as devices come.
    private static let maximum = 1024

    private struct Part: Hashable {
        var key: ComputedSettings.Key
        var applications: Set<ManifestKey>
    }

    private struct TaskPart: Hashable {
        var place: DeviceStanding.TaskPlace
        var manifests: [ApplicationID: Digest]
    }

    private var computed: [ComputedSettings.Key: ComputedSettings] = [:]
    private var agent: [AgentSettings: Document] = [:]
    private var settings: [Part: Document] = [:]
    private var tasks: [TaskPart: Document] = [:]

    mutating func computed(_ key: ComputedSettings.Key, make: () -> ComputedSettings) -> ComputedSettings {
        if let found = computed[key] { return found }
        if computed.count >= Self.maximum { computed = [:] }
        let made = make()
        computed[key] = made
        return made
    }

    mutating func document(_ wanted: AgentSettings) -> Document {
        if let found = agent[wanted] { return found }
        if agent.count >= Self.maximum { agent = [:] }
        let made = Document(wanted)
        agent[wanted] = made
        return made
    }

    mutating func document(_ key: ComputedSettings.Key, _ computed: ComputedSettings, for applications: Set<ManifestKey>)
        -> Document
    {
        let part = Part(key: key, applications: applications)
        if let found = settings[part] { return found }
        if settings.count >= Self.maximum { settings = [:] }
        let made = computed.document(for: applications)
        settings[part] = made
        return made
    }

    /// - Parameter manifests: of others, that the device has.
    mutating func tasks(
        _ place: DeviceStanding.TaskPlace, manifests: [ApplicationID: Digest], make: () -> Document
    ) -> Document {
        let part = TaskPart(place: place, manifests: manifests)
        if let found = tasks[part] { return found }
        if tasks.count >= Self.maximum { tasks = [:] }
        let made = make()
        tasks[part] = made
        return made
    }

    /// Policies or tasks have changed.
    mutating func forget() {
        computed = [:]
        settings = [:]
        tasks = [:]
    }
}
