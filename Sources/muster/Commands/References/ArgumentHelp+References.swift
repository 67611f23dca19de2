import ArgumentParser

/// How things may be named, as `--help` says it.
extension ArgumentHelp {
    private static let beginning = "the beginning of the id (\(ReferenceLimit.shortestPrefix) characters or more)"

    static let device = Self("Name, id, or \(beginning).")
    static let devices = Self("Names, ids, or \(beginning).")
    static let ofDevice = Self("Only of this device: name, id, or \(beginning).")
    static let package = Self("Name, id, or \(beginning).")
    static let policy = Self("Name, id, or \(beginning).")
    static let task = Self("Name, id, or \(beginning).")
    static let run = Self("The run's id, or \(beginning).")
    static let action = Self("The id that was shown when it was ordered, or \(beginning).")
    static let group = Self("Path, as /Warsaw/Office, or id; / is the root.")
    static let rule = Self("Name, id, or \(beginning).")
    static let selection = Self("Name or id.")
    static let token = Self("The token's id, or \(beginning).")
}
