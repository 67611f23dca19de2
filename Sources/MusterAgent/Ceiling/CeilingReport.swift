/// What the device's owner forbids, as `muster-agent status` shows it.
package struct CeilingReport: Codable, Hashable, Sendable {
    package var path: String
    /// Why it cannot be read; everything that may be forbidden is forbidden then.
    package var fault: String?
    /// `APPLICATION` or `APPLICATION/KEY`.
    package var settings: [String]
    package var inventory: [String]
    /// `APPLICATION` or `APPLICATION/TYPE`.
    package var tasks: [String]

    /// Nil without a file.
    package init?(_ standing: CeilingStanding) {
        guard standing.isThere else { return nil }
        let ceiling = standing.ceiling
        path = standing.path
        fault = standing.fault
        settings = ceiling.settings.sorted()
        inventory = ceiling.inventory.map(\.rawValue).sorted()
        tasks = ceiling.tasks.sorted()
    }
}

extension CeilingReport {
    /// For the table.
    package var text: String {
        if let fault { return "UNREADABLE, so that everything it may forbid is forbidden: \(fault)" }
        let parts = [("settings", settings), ("inventory", inventory), ("tasks", tasks)].filter { !$0.1.isEmpty }
            .map { "\($0.0) \($0.1.joined(separator: ", "))" }
        return parts.isEmpty ? "forbids nothing" : "forbids " + parts.joined(separator: "; ")
    }
}
