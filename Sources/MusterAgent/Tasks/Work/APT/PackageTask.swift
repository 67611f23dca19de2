import MusterModel

/// What can be done with the device's packages: refreshing apt's lists, installing, removing, upgrading.
struct PackageTask: TaskWork {
    enum Kind: Sendable { case refresh, install, remove, upgrade }

    let kind: Kind
    /// How long others who work on the packages are waited for.
    var patience = PackageProgram.patience

    func run(_ task: TaskDefinition, in context: TaskContext) async -> TaskConclusion {
        let apt = PackageProgram(context: context, patience: patience)
        let packages = task.texts(APTTaskKey.packages).compactMap { PackageName($0) }
        switch kind {
        case .refresh: return conclusion(await apt.run(["update"], downloading: 1000))
        case .install: return conclusion(await apt.run(["install", "--"] + packages.map(\.description)))
        case .remove: return await remove(packages, purging: task.isOn(APTTaskKey.purge), apt)
        case .upgrade: return await upgrade(PackageChoice(task, packages), apt)
        }
    }

    private func conclusion(_ result: PackageProgram.Result) -> TaskConclusion {
        switch result {
        case .failed(let conclusion): conclusion
        case .done(let output): .succeeded(exitCode: 0, figures: APTCounts(output).figures)
        }
    }

    /// What runs this task, and would be gone before it is done.
    private static let own = "muster-agent"

    /// Those that are there: to apt, `name+` beside one to be removed means to install `name`.
    private func remove(_ packages: [PackageName], purging: Bool, _ apt: PackageProgram) async -> TaskConclusion {
        guard !packages.contains(where: { $0.name == Self.own }) else {
            return .failed(
                "notAllowed",
                "\(Self.own) is what does this: remove it on the device, and the device with 'muster devices delete'")
        }
        guard let installed = await InstalledPackages.find(in: apt.context, withLeftovers: purging) else {
            return .failed("dpkgFailed", "dpkg-query did not say which packages are installed")
        }
        let present = packages.filter { installed.has($0) }
        for package in packages where !present.contains(package) { apt.context.print("\(package) is not installed.") }
        guard !present.isEmpty else { return .succeeded(figures: ["removed": 0]) }
        let names = present.map { $0.name + ($0.architecture.map { ":" + $0 } ?? "") }
        return conclusion(await apt.run([purging ? "purge" : "remove", "--"] + names))
    }

    private func upgrade(_ choice: PackageChoice, _ apt: PackageProgram) async -> TaskConclusion {
        if choice.isAll { return conclusion(await apt.run(["--with-new-pkgs", "upgrade"])) }
        // Which ones they are, apt says by what it would do.
        let names: [String]
        switch await apt.run(["--simulate", "--with-new-pkgs", "upgrade"], isShown: false) {
        case .failed(let conclusion): return conclusion
        case .done(let output): names = choice.names(PendingUpdates(output))
        }
        guard !names.isEmpty else {
            apt.context.print("There is nothing newer of these packages.")
            return .succeeded(figures: ["upgraded": 0])
        }
        return conclusion(await apt.run(["--only-upgrade", "install", "--"] + names))
    }
}

/// Which updates are wanted.
struct PackageChoice: Hashable, Sendable {
    private let isSecurity: Bool
    private let packages: [PackageName]
    private let origins: [PackageOrigin]

    init(_ task: TaskDefinition, _ packages: [PackageName]) {
        isSecurity = task.text(APTTaskKey.which) == "security"
        self.packages = packages
        origins = task.texts(APTTaskKey.origins).compactMap { PackageOrigin($0) }
    }

    var isAll: Bool { !isSecurity && packages.isEmpty && origins.isEmpty }

    /// Of those that are pending; with the version where one is named.
    func names(_ updates: PendingUpdates) -> [String] {
        updates.all.filter { update in
            (!isSecurity || update.isSecurity) && (origins.isEmpty || origins.contains { update.comes(from: $0) })
                && (packages.isEmpty || packages.contains { Self.isSame($0, update.name) })
        }.map { update in
            let version = packages.first { Self.isSame($0, update.name) }?.version
            return update.name + (version.map { "=" + $0 } ?? "")
        }
    }

    /// apt names a package of another architecture with it.
    private static func isSame(_ package: PackageName, _ name: String) -> Bool {
        let parts = name.split(separator: ":", maxSplits: 1)
        return package.name == parts[0]
            && (package.architecture == nil || parts.count < 2 || package.architecture == String(parts[1]))
    }
}
