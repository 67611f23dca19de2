import ArgumentParser
import MusterAPI
import MusterModel

/// Filters of devices as options; together they are one device expression, which holds where all of them do.
struct DeviceFilterOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp("A device expression, as 'tag = web and status != ok' (docs/expressions.md).", valueName: "expression")
    )
    var filter: String?
    @Option(help: ArgumentHelp("In this group or below it; unassigned: in none.", valueName: "path")) var group: String?
    @Option(help: ArgumentHelp("With this tag; may be given several times.", valueName: "tag")) var tag: [String] = []
    @Option(help: ArgumentHelp("By name, as 'web-*'.", valueName: "pattern")) var name: String?
    @Option(help: ArgumentHelp("By host name, as 'web-*'.", valueName: "pattern")) var hostName: String?
    @Option(help: ArgumentHelp("By operating system, as 'Debian*'.", valueName: "pattern")) var os: String?
    @Option(help: ArgumentHelp("With this address, or one in this network, as 10.1.0.0/16.", valueName: "address"))
    var address: String?
    @Option(help: ArgumentHelp("With an agent older than this version.", valueName: "version")) var agentOlderThan: String?
    @Option(help: "With this status: ok, warning or critical.") var status: String?
    @Option(help: "Only those in this connection state.") var state: ConnectionState?
    @Option(help: "Whether 'Do not disconnect from the Administration Server' is ticked: yes or no.") var permanent: String?
    @Option(
        help: ArgumentHelp(
            "With this installed application, as 'openssl < 3.0.17'; may be given several times.", valueName: "application"))
    var installed: [String] = []
    @Option(help: ArgumentHelp("Not connected for this long, as 3d.", valueName: "duration")) var notConnectedFor: String?
    @Option(help: ArgumentHelp("Without a complete synchronization for this long, as 3d.", valueName: "duration"))
    var notSynchronizedFor: String?
    @Option(help: ArgumentHelp("Enrolled within this time, as 7d.", valueName: "duration")) var enrolledWithin: String?

    func validate() throws { _ = try expression() }

    /// Nil without any.
    func expression() throws -> DeviceExpression? {
        var parts: [DeviceExpression] = []
        func add(_ option: String, _ make: () throws(ExpressionError) -> DeviceExpression) throws {
            do throws(ExpressionError) { parts.append(try make()) } catch {
                throw ValidationError(TerminalText.escaped("\(option): \(error.description)"))
            }
        }
        if let filter { try add("--filter") { () throws(ExpressionError) in try DeviceExpression(filter) } }
        for (option, field, comparison, value) in comparisons {
            try add(option) { () throws(ExpressionError) in try DeviceExpression(field, comparison, value) }
        }
        for text in installed {
            guard let query = InstalledQuery(text: text) else {
                throw ValidationError(TerminalText.escaped("--installed: '\(text)' is none of NAME, NAME OP VERSION."))
            }
            try add("--installed") { () throws(ExpressionError) in try DeviceExpression(query.condition) }
        }
        do throws(ExpressionError) { return try DeviceExpression.all(parts) } catch {
            throw ValidationError("The filters together: \(error.description)")
        }
    }

    private var comparisons: [(option: String, DeviceField, ExpressionOperator, String)] {
        var list: [(option: String, DeviceField, ExpressionOperator, String)] = []
        func add(_ option: String, _ field: DeviceField, _ comparison: ExpressionOperator, _ value: String?) {
            if let value { list.append((option, field, comparison, value)) }
        }
        add("--group", .group, group == GroupWord.unassigned ? .equal : .under, group)
        for tag in tag { add("--tag", .tag, .equal, tag) }
        add("--name", .name, .matches, name)
        add("--host-name", .hostName, .matches, hostName)
        add("--os", .operatingSystem, .matches, os)
        add("--address", .address, .equal, address)
        add("--agent-older-than", .agentVersion, .less, agentOlderThan)
        add("--status", .status, .equal, status)
        add("--state", .state, .equal, state?.code)
        add("--permanent", .permanent, .equal, permanent)
        add("--not-connected-for", .sinceConnection, .greater, notConnectedFor)
        add("--not-synchronized-for", .sinceSynchronization, .greater, notSynchronizedFor)
        add("--enrolled-within", .sinceEnrolment, .less, enrolledWithin)
        return list
    }
}

/// Those, and a saved selection beside them.
struct DeviceChoiceOptions: ParsableArguments {
    @OptionGroup var filter: DeviceFilterOptions
    @Option(help: ArgumentHelp("Only those of this device selection: its name or id.", valueName: "name")) var selection: String?

    var isEmpty: Bool { get throws { try filter.expression() == nil && selection == nil } }

    /// The connection state, where nothing else is asked.
    var onlyState: ConnectionState? {
        guard selection == nil, let state = filter.state, let text = try? filter.expression()?.text else { return nil }
        return text == "state = \(state.code)" ? state : nil
    }

    var query: [(name: String, value: String)] {
        get throws {
            if let state = onlyState { return [("state", state.code)] }
            let filter: [(name: String, value: String)] = try filter.expression().map { [("filter", $0.text)] } ?? []
            return filter + (selection.map { [("selection", $0)] } ?? [])
        }
    }
}

extension InstalledQuery {
    fileprivate var condition: InstalledCondition {
        guard let comparison, let version else { return InstalledCondition(name: name) }
        let wanted: VersionComparison.Operator =
            switch comparison {
            case .less: .less
            case .lessOrEqual: .lessOrEqual
            case .equal: .equal
            case .greaterOrEqual: .greaterOrEqual
            case .greater: .greater
            }
        return InstalledCondition(name: name, comparison: VersionComparison(wanted, version))
    }
}
