import MusterModel

/// Why apt failed, by what it said: in English, as it is asked to.
enum APTFailure {
    static let locked = "locked"

    /// - Parameter output: its last words at least.
    static func conclusion(_ output: String, exitCode: Int32) -> TaskConclusion {
        let lines = output.split(whereSeparator: \.isNewline).map { String($0) }
        let (code, text) =
            known(lines) ?? ("aptFailed", "apt ended with \(exitCode): \(lastError(lines) ?? "its output says more")")
        return .failed(code, text, exitCode: exitCode)
    }

    /// In this order: what is the cause comes before what follows from it.
    private static let causes: [(words: String, code: String, advice: String)] = [
        ("No space left on device", "diskFull", "the disk is full: make room on the device"),
        ("You don't have enough free space", "diskFull", "the disk has too little room for it: make room on the device"),
        ("Could not get lock", locked, "another program works on the device's packages: run it again later"),
        (
            "Unable to acquire the dpkg frontend lock", locked,
            "another program works on the device's packages: run it again later"
        ),
        ("Unable to lock", locked, "another program works on the device's packages: run it again later"),
        (
            "dpkg was interrupted", "dpkgInterrupted",
            "dpkg was interrupted on this device: run 'dpkg --configure -a' there, as a script"
        ),
        (
            "Unable to locate package", "unknownPackage",
            "the device's lists have no such package: refresh them, or look at its sources"
        ),
        (
            "has no installation candidate", "unknownPackage",
            "the device's lists only mention it: refresh them, or look at its sources"
        ),
        (" was not found", "unknownVersion", "the device's lists do not have that version: refresh them, or look at its sources"),
        (
            "Held packages were changed", "heldPackages",
            "a package is held on this device: 'apt-mark unhold' there, or leave it out"
        ),
        (
            "Essential packages were removed", "essentialPackage",
            "a package without which the device may not start would go: take it out of the task"
        ),
        ("Packages were downgraded", "downgrade", "the device has a newer version than the one named"),
        ("be authenticated", "notAuthenticated", "a repository is not signed by a key the device trusts"),
        ("unauthenticated packages", "notAuthenticated", "a repository is not signed by a key the device trusts"),
        (" is not signed", "notAuthenticated", "a repository is not signed by a key the device trusts"),
        (
            "Unmet dependencies", "brokenPackages",
            "packages on this device are broken: run 'apt-get --fix-broken install' there, as a script"
        ),
        ("held broken packages", "unmetDependencies", "what it needs cannot be installed: the output says what"),
        (
            "Failed to fetch", "fetchFailed",
            "a repository or a package of it cannot be fetched: look at the device's sources and network"
        ),
        (
            "Some index files failed to download", "fetchFailed",
            "a repository cannot be fetched: look at the device's sources and network"
        ),
        ("Sub-process", "dpkgFailed", "a package's own scripts failed"),
    ]

    private static func known(_ lines: [String]) -> (code: String, text: String)? {
        for cause in causes {
            guard let line = lines.first(where: { isSaid($0) && $0.contains(cause.words) }) else { continue }
            let what = cause.code == "dpkgFailed" ? broken(lines) ?? line : line
            return (cause.code, "\(cause.advice) (\(String(what.prefix(300))))")
        }
        return nil
    }

    /// apt's own errors and dpkg's, not what a package says in passing.
    private static func isSaid(_ line: String) -> Bool {
        ["E:", "Err:", "W:", "dpkg", "tar:", " "].contains { line.hasPrefix($0) }
    }

    /// Names of packages follow that line.
    private static func broken(_ lines: [String]) -> String? {
        guard let line = lines.lastIndex(where: { $0.hasPrefix("Errors were encountered while processing") }) else { return nil }
        let names = lines[(line + 1)...].prefix { $0.hasPrefix(" ") }.map { $0.drop { $0 == " " } }
        return names.isEmpty ? nil : names.joined(separator: ", ")
    }

    private static func lastError(_ lines: [String]) -> String? {
        lines.last { $0.hasPrefix("E:") }.map { String($0.dropFirst(2).drop { $0 == " " }.prefix(300)) }
    }
}
