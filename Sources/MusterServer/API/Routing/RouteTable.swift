import HTTPTypes
import MusterAPI
import MusterStore

/// Everything the API can be asked, on one screen. Requests are answered from this table and nothing else, so a route without a row,
/// and with it without an access rule, cannot exist.
package struct RouteTable: Sendable {
    package let rows: [Route]
    /// The segments of each row's path; nil stands for any one segment.
    private let patterns: [[String?]]

    private static let page = ["limit", "cursor"]
    private static let filter = ["device", "severity", "since"]

    private static let deletion = ["devicesTo", "deleteDevices", "policies", "rules", "targets", "leaveExpressions"]

    init(_ services: APIServices) {
        let devices = DeviceRoutes(services: services)
        let connections = ConnectionRoutes(services: services)
        let copies = CopyRoutes(services: services)
        let installed = InstalledRoutes(services: services)
        let events = EventRoutes(services: services)
        let enrolmentTokens = EnrolmentTokenRoutes(services: services)
        let packages = PackageRoutes(services: services)
        let apiTokens = APITokenRoutes(services: services)
        let settings = SettingsRoutes(services: services)
        let policies = PolicyRoutes(services: services)
        let deviceSettings = DeviceSettingRoutes(services: services)
        let groups = GroupRoutes(services: services)
        let movingRules = RuleRoutes(services: services, kind: .moving)
        let tagRules = RuleRoutes(services: services, kind: .tag)
        let selections = SelectionRoutes(services: services)
        let actions = ActionRoutes(services: services)
        let tasks = TaskRoutes(services: services)
        let runs = RunRoutes(services: services)
        let applications = ApplicationRoutes(services: services)
        let server = ServerRoutes(services: services)
        // What may bring tasks to devices, see `ReachGuard`.
        let turn = services.turn
        self.init([
            Route(.get, APIPath.devices, .see, query: Self.page + ["state", "filter", "selection"], devices.list),
            Route(.patch, APIPath.devices, .administer, devices.changeMany).oneAtATime(turn),
            Route(.get, APIPath.device, .see, devices.get),
            Route(.patch, APIPath.device, .administer, devices.change).oneAtATime(turn),
            Route(.delete, APIPath.device, .administer, devices.delete),
            Route(.post, APIPath.deviceRevoke, .administer, devices.revoke),
            Route(.post, APIPath.deviceConnectionRequest, .act, devices.requestConnection),
            Route(.get, APIPath.deviceInstalled, .see, query: Self.page, installed.listOfDevice),
            Route(.get, APIPath.deviceConnections, .see, query: Self.page, connections.list),
            Route(.get, APIPath.installed, .see, query: Self.page, installed.list),
            Route(.get, APIPath.installedSearch, .see, query: Self.page + ["name", "op", "version"], installed.search),
            Route(.get, APIPath.events, .see, query: Self.page + Self.filter + ["from", "before"], events.list),
            Route(.get, APIPath.eventsFollow, .see, query: Self.filter + ["after"], events.follow),
            Route(.get, APIPath.deviceWatch, .see, devices.watch),
            Route(.get, APIPath.deviceSettings, .see, query: ["application"], deviceSettings.list),
            Route(.patch, APIPath.deviceSettings, .administer, deviceSettings.change),
            Route(.get, APIPath.deviceApplications, .see, deviceSettings.applications),
            Route(.get, APIPath.overview, .see, query: ["since"], devices.overview),
            Route(.get, APIPath.applications, .see, applications.list),
            Route(.put, APIPath.manifest, .administer, applications.decide).oneAtATime(turn),
            Route(.get, APIPath.policies, .see, query: Self.page + ["application", "group"], policies.list),
            Route(.post, APIPath.policies, .administer, query: ["dryRun"], policies.create),
            Route(.get, APIPath.policy, .see, policies.get),
            Route(.patch, APIPath.policy, .administer, query: ["dryRun"], policies.change),
            Route(.delete, APIPath.policy, .administer, query: ["dryRun"], policies.delete),
            Route(.get, APIPath.policyRevisions, .see, query: Self.page, policies.revisions),
            Route(.post, APIPath.policyRestore, .administer, query: ["dryRun"], policies.restore),
            Route(.get, APIPath.policyDelivery, .see, policies.delivery),
            Route(.get, APIPath.policyDevices, .see, query: Self.page + ["delivery"], policies.devices),
            Route(.get, APIPath.groups, .see, query: Self.page, groups.list),
            Route(.post, APIPath.groups, .administer, groups.create),
            Route(.get, APIPath.group, .see, groups.get),
            Route(.patch, APIPath.group, .administer, groups.change).oneAtATime(turn),
            Route(.delete, APIPath.group, .administer, query: Self.deletion, groups.delete).oneAtATime(turn),
            Route(.get, APIPath.movingRules, .see, movingRules.list),
            Route(.post, APIPath.movingRules, .administer, query: ["dryRun"], movingRules.create).oneAtATime(turn),
            Route(.put, APIPath.movingRules, .administer, query: ["dryRun"], movingRules.reorder).oneAtATime(turn),
            Route(.patch, APIPath.movingRule, .administer, query: ["dryRun"], movingRules.change).oneAtATime(turn),
            Route(.delete, APIPath.movingRule, .administer, query: ["dryRun"], movingRules.delete).oneAtATime(turn),
            Route(.get, APIPath.tagRules, .see, tagRules.list),
            Route(.post, APIPath.tagRules, .administer, query: ["dryRun"], tagRules.create).oneAtATime(turn),
            Route(.put, APIPath.tagRules, .administer, query: ["dryRun"], tagRules.reorder).oneAtATime(turn),
            Route(.patch, APIPath.tagRule, .administer, query: ["dryRun"], tagRules.change).oneAtATime(turn),
            Route(.delete, APIPath.tagRule, .administer, query: ["dryRun"], tagRules.delete).oneAtATime(turn),
            Route(.get, APIPath.selections, .see, query: Self.page, selections.list),
            Route(.post, APIPath.selections, .administer, selections.create),
            Route(.get, APIPath.selection, .see, selections.get),
            Route(.patch, APIPath.selection, .administer, selections.change).oneAtATime(turn),
            Route(.delete, APIPath.selection, .administer, selections.delete),
            Route(.get, APIPath.copies, .see, query: Self.page, copies.list),
            Route(.post, APIPath.deviceSplit, .administer, copies.split),
            Route(.post, APIPath.deviceSame, .administer, copies.same),
            Route(.get, APIPath.actions, .see, query: Self.page, actions.list),
            Route(.post, APIPath.actions, .act, actions.order),
            Route(.get, APIPath.action, .see, actions.get),
            Route(.delete, APIPath.action, .act, actions.cancel),
            Route(.get, APIPath.actionDevices, .see, query: Self.page, actions.devices),
            Route(.get, APIPath.tasks, .see, query: Self.page + ["application"], tasks.list),
            Route(.post, APIPath.tasks, .administer, tasks.create).oneAtATime(turn),
            Route(.get, APIPath.task, .see, tasks.get),
            Route(.patch, APIPath.task, .administer, tasks.change).oneAtATime(turn),
            Route(.delete, APIPath.task, .administer, tasks.delete),
            Route(.post, APIPath.taskRun, .act, tasks.run),
            Route(.get, APIPath.taskRuns, .see, query: Self.page + ["state"], runs.listOfTask),
            Route(.get, APIPath.runs, .see, query: Self.page + ["task", "device", "order", "state"], runs.list),
            Route(.get, APIPath.run, .see, runs.get),
            Route(.get, APIPath.runOutput, .act, runs.output),
            Route(.post, APIPath.runStop, .act, runs.stop),
            Route(.get, APIPath.deviceRuns, .see, query: Self.page + ["state"], runs.listOfDevice),
            Route(.get, APIPath.deviceTasks, .see, runs.tasksOfDevice),
            Route(.get, APIPath.enrolmentTokens, .see, query: Self.page, enrolmentTokens.list),
            Route(.post, APIPath.enrolmentTokens, .administer, enrolmentTokens.create),
            Route(.delete, APIPath.enrolmentToken, .administer, enrolmentTokens.revoke),
            Route(.get, APIPath.packages, .see, query: Self.page, packages.list),
            Route(.post, APIPath.packages, .administer, packages.create),
            Route(.get, APIPath.onePackage, .see, packages.get),
            Route(.patch, APIPath.onePackage, .administer, packages.edit),
            Route(.delete, APIPath.onePackage, .administer, packages.delete),
            Route(.get, APIPath.packageDevices, .see, query: Self.page, packages.devices),
            Route(.post, APIPath.packageDownloads, .administer, query: ["format"], packages.download),
            Route(.get, APIPath.apiTokens, .see, query: Self.page, apiTokens.list),
            Route(.post, APIPath.apiTokens, .administer, apiTokens.create),
            Route(.delete, APIPath.apiToken, .administer, apiTokens.revoke),
            Route(.get, APIPath.syncInterval, .see, settings.syncInterval),
            Route(.put, APIPath.syncInterval, .administer, settings.setSyncInterval),
            Route(.get, APIPath.connectionSettings, .see, settings.connection),
            Route(.put, APIPath.connectionSettings, .administer, settings.setConnection),
            Route(.get, APIPath.defaultGroup, .see, groups.defaultGroup),
            Route(.put, APIPath.defaultGroup, .administer, groups.setDefaultGroup).oneAtATime(turn),
            Route(.get, APIPath.permanentConnectionLimit, .see, settings.permanentConnectionLimit),
            Route(.put, APIPath.permanentConnectionLimit, .administer, settings.setPermanentConnectionLimit),
            Route(.get, APIPath.serverStatus, .see, server.status),
            Route(.get, APIPath.openAPI, .see, server.openAPI),
            Route(.get, APIPath.metrics, .see, server.metrics),
        ])
    }

    private init(_ rows: [Route]) {
        self.rows = rows
        patterns = rows.map { Self.segments($0.path[...]).map { $0.hasPrefix("{") ? nil : String($0) } }
    }

    enum Match {
        /// The row, and the segment that stands at its `{…}`.
        case route(Route, argument: String?)
        /// The path exists with these methods only.
        case otherMethods([String])
        case none
    }

    func match(_ method: HTTPRequest.Method, path: Substring) -> Match {
        let segments = Self.segments(path)
        var others: [String] = []
        for (row, pattern) in zip(rows, patterns) where Self.fits(segments, pattern) {
            guard row.method == method else {
                others.append(row.method.rawValue)
                continue
            }
            let argument = pattern.firstIndex(of: nil).map { String(segments[$0]) }
            return .route(row, argument: argument)
        }
        return others.isEmpty ? .none : .otherMethods(others)
    }

    private static func segments(_ path: Substring) -> [Substring] {
        path.split(separator: "/", omittingEmptySubsequences: false)
    }

    private static func fits(_ segments: [Substring], _ pattern: [String?]) -> Bool {
        segments.count == pattern.count
            && zip(segments, pattern).allSatisfy { segment, expected in
                expected.map { segment == $0 } ?? !segment.isEmpty
            }
    }
}
