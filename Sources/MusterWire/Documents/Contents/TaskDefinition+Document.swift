import FoundationEssentials
package import MusterModel
import SwiftProtobuf

/// A task as a device was told it.
package struct HeldTask: Hashable, Sendable {
    package let id: TaskID
    /// Nil: a newer server says something in it that is not known here, so it cannot be run as it was meant.
    package let definition: TaskDefinition?
}

/// Document `tasks`: key = the task's id; value = `TaskItem`.
extension Document {
    package init(tasks: some Sequence<TaskDefinition>) {
        self.init(
            sorting: tasks.map { task in
                var item = Muster_V1_TaskItem(task)
                item.id = Data()
                return Item(key: task.id.bytes, value: (try? item.serializedBytes()) ?? [])
            })
    }

    /// Items whose key is no id are left out.
    package func tasks() -> [HeldTask] {
        items().compactMap { item in
            TaskID(bytes: item.key).map { id in
                HeldTask(
                    id: id,
                    definition: (try? Muster_V1_TaskItem(serializedBytes: item.value)).flatMap { TaskDefinition($0, id: id) })
            }
        }
    }
}

extension TaskDefinition {
    /// What an action to run it carries.
    package var payload: [UInt8] { (try? Muster_V1_TaskItem(self).serializedBytes()) ?? [] }

    /// - Returns: nil for what is no task, or one with something that is not known here.
    package init?(payload: [UInt8]) {
        guard let item = try? Muster_V1_TaskItem(serializedBytes: payload), let id = TaskID(bytes: Array(item.id)) else {
            return nil
        }
        self.init(item, id: id)
    }

    fileprivate init?(_ item: Muster_V1_TaskItem, id: TaskID) {
        guard let application = ApplicationID(item.application), ApplicationID(item.type) != nil,
            item.name.utf8.count <= Self.maximumName, let schedule = try? TaskSchedule(item.schedule),
            let timing = try? TaskTiming(
                schedule, runsMissed: item.runMissed, randomDelay: .milliseconds(Int64(clamping: item.randomDelay)),
                stopAfter: item.stopAfter == 0 ? nil : .milliseconds(Int64(clamping: item.stopAfter)))
        else { return nil }
        var settings: [String: ManagedValue] = [:]
        for setting in item.settings {
            guard let value = setting.value.setting?.value else { return nil }
            settings[setting.key] = value
        }
        self.init(
            id: id, revision: Int64(clamping: item.revision), name: item.name, application: application, type: item.type,
            settings: settings, timing: timing)
    }
}

extension Muster_V1_TaskItem {
    fileprivate init(_ task: TaskDefinition) {
        self.init()
        id = Data(task.id.bytes)
        revision = UInt64(max(0, task.revision))
        name = task.name
        application = task.application.description
        type = task.type
        settings = task.settings.sorted { $0.key < $1.key }.map { key, value in
            var setting = Muster_V1_TaskSetting()
            setting.key = key
            setting.value = Muster_V1_SettingItem(ManagedSetting(value))
            return setting
        }
        schedule = task.timing.schedule.description
        runMissed = task.timing.runsMissed
        randomDelay = UInt64(max(0, task.timing.randomDelay.milliseconds))
        stopAfter = UInt64(max(0, task.timing.stopAfter?.milliseconds ?? 0))
    }
}
