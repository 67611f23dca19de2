/// What is asked of a device's inventory: has it an application of this name, of any version or of those meant?
///
/// The inventory is large and lies elsewhere, so an expression looks nothing up: whoever evaluates it finds out which of its conditions
/// hold and puts those into the facts.
package struct InstalledCondition: Hashable, Sendable {
    /// Exactly as the device reports it.
    package var name: String
    /// Nil: any version.
    package var comparison: VersionComparison?

    package init(name: String, comparison: VersionComparison? = nil) {
        self.name = name
        self.comparison = comparison
    }

    /// The version is compared by the rules of the application's own source.
    package func holds(for application: InstalledApplication) -> Bool {
        application.name == name && (comparison?.holds(for: application) ?? true)
    }
}

extension VersionComparison {
    fileprivate func holds(for application: InstalledApplication) -> Bool {
        let installed = VersionKey.make(source: application.source, version: application.version)
        let wanted = VersionKey.make(source: application.source, version: version)
        return switch `operator` {
        case .less: installed.lexicographicallyPrecedes(wanted)
        case .lessOrEqual: !wanted.lexicographicallyPrecedes(installed)
        case .equal: installed == wanted
        case .greaterOrEqual: !installed.lexicographicallyPrecedes(wanted)
        case .greater: wanted.lexicographicallyPrecedes(installed)
        }
    }
}
