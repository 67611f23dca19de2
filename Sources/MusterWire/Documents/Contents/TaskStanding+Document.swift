import FoundationEssentials
package import MusterModel
import SwiftProtobuf

/// Document `task-states`: key = the task's id; value = `TaskStateItem`.
extension Document {
    package init(standings: some Sequence<TaskStanding>) {
        self.init(
            sorting: standings.map { standing in
                var item = Muster_V1_TaskStateItem()
                item.revision = UInt64(max(0, standing.revision))
                item.state = Muster_V1_TaskState(rawValue: standing.state.rawValue) ?? .unknown
                item.code = standing.code
                item.text = standing.text
                item.lastResult = standing.lastResult?.rawValue ?? ""
                return Item(key: standing.task.bytes, value: (try? item.serializedBytes()) ?? [])
            })
    }

    /// - Throws: `malformedDocument` for a key or value that is no task's.
    package func standings() throws(WireError) -> [TaskStanding] {
        var standings: [TaskStanding] = []
        for item in items() {
            guard let task = TaskID(bytes: item.key), let value = try? Muster_V1_TaskStateItem(serializedBytes: item.value) else {
                throw .malformedDocument("an item of task-states is no task's")
            }
            standings.append(
                TaskStanding(
                    task: task, revision: Int64(clamping: value.revision),
                    state: TaskStanding.State(rawValue: value.state.rawValue) ?? .waiting, code: value.code, text: value.text,
                    lastResult: TaskResult(rawValue: value.lastResult)))
        }
        return standings
    }
}
