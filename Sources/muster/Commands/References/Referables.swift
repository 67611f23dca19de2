import MusterAPI
import MusterModel

// What commands can be told the name of, and how.

extension DeviceEntry: Referable {
    static let words = ReferenceWords(one: "device", many: "devices", list: "muster devices list")
    static let listPath = APIPath.devices
    static let isNamed = true
    var shownName: String { name }
}

extension PackageEntry: Referable {
    static let words = ReferenceWords(one: "installation package", many: "packages", list: "muster packages list")
    static let listPath = APIPath.packages
    static let isNamed = true
    var shownName: String { name }
}

extension PolicyEntry: Referable {
    static let words = ReferenceWords(one: "policy", many: "policies", list: "muster policies list")
    static let listPath = APIPath.policies
    static let isNamed = true
    var shownName: String { name }
    var shownDetail: String? { "\(application) in \(group.path)" }
}

extension TaskEntry: Referable {
    static let words = ReferenceWords(one: "task", many: "tasks", list: "muster tasks list")
    static let listPath = APIPath.tasks
    static let isNamed = true
    var shownName: String { name }
    var shownDetail: String? { "\(application)/\(type)" }
}

extension RunEntry: Referable {
    static let words = ReferenceWords(one: "run", many: "runs", list: "muster runs list")
    static let listPath = APIPath.runs
    static let isNamed = false
    var shownName: String { "\(taskName) on \(deviceName), \(state)" }
}

extension ActionOrderEntry: Referable {
    static let words = ReferenceWords(one: "action", many: "actions", list: "muster actions list")
    static let listPath = APIPath.actions
    static let isNamed = false
    var shownName: String { "\(kind), ordered \(Shown.time(created))" }
}

extension EnrolmentTokenEntry: Referable {
    static let words = ReferenceWords(one: "enrolment token", many: "enrolment tokens", list: "muster enrolment-tokens list")
    static let listPath = APIPath.enrolmentTokens
    static let isNamed = false
    var shownName: String { Shown.text(name) }
}

extension APITokenEntry: Referable {
    static let words = ReferenceWords(one: "API token", many: "API tokens", list: "muster api-tokens list")
    static let listPath = APIPath.apiTokens
    static let isNamed = false
    var shownName: String { Shown.text(name) }
}
