import ArgumentParser
import MusterAPI

/// Values as a person gave them: typed, and secrets out of files.
struct GivenSettings {
    let typed: [SettingArgument]
    let secrets: [SettingArgument]
    var place = Place.policies

    /// Where they are to stand: for errors.
    enum Place: String {
        case policies, tasks

        /// How a value that is no secret is given.
        func advice(_ key: String) -> String { self == .tasks ? "--set \(key)=VALUE" : "\(key)=VALUE" }
    }

    var isEmpty: Bool { typed.isEmpty && secrets.isEmpty }

    /// Each key once: nobody should have to know which of two goes.
    func validate() throws {
        var seen: Set<String> = []
        for argument in typed + secrets where !seen.insert(argument.key).inserted {
            throw ValidationError("'\(argument.key)' is given twice.")
        }
    }

    /// What is to be sent, by key; files are read here.
    /// - Parameter isSecret: whether a key takes a secret; nil for one that is not known, of which the server says so.
    func values(_ isSecret: (String) -> Bool?) throws(CommandError) -> [String: String] {
        var values: [String: String] = [:]
        for argument in typed {
            guard isSecret(argument.key) != true else { throw .typedSecret(argument.key) }
            values[argument.key] = argument.text
        }
        for argument in secrets {
            guard isSecret(argument.key) != false else { throw .noSecret(argument.key, in: place) }
            values[argument.key] = try SecretInput.read(argument.text)
        }
        return values
    }
}

extension ApplicationEntry {
    /// Nil for a key the application does not have.
    func isSecret(_ key: String) -> Bool? { settings.first { $0.key == key }.map { $0.type == "secret" } }
}

extension CommandError {
    fileprivate static func typedSecret(_ key: String) -> CommandError {
        let key = TerminalText.escaped(key)
        return .impossible(
            "'\(key)' is a secret: on a command line others can read it, and the shell keeps it. Nothing was sent.",
            advice: "Give a file with --secret \(key)=FILE, or --secret \(key)=- for standard input.")
    }

    fileprivate static func noSecret(_ key: String, in place: GivenSettings.Place) -> CommandError {
        let key = TerminalText.escaped(key)
        return .impossible(
            "'\(key)' is no secret: whoever may read \(place.rawValue) would read it. Nothing was sent.",
            advice: "Give it as \(place.advice(key)).")
    }
}
