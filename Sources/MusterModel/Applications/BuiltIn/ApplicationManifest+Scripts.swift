extension ApplicationManifest {
    /// Scripts have no settings, and are never there before a task runs one.
    package static let scripts = ApplicationManifest(
        id: .scripts, title: "Scripts", travels: false, settings: [],
        tasks: [
            TaskTypeDeclaration(
                ScriptTaskKey.run, title: "Run a script",
                help:
                    "Runs a text on the device by an interpreter that is there. It succeeds when the script ends with 0, or a code that is set.",
                isLimitedByReach: true,
                settings: [
                    SettingDeclaration(
                        ScriptTaskKey.text, .text(.script), title: "Script", help: "What is run."),
                    SettingDeclaration(
                        ScriptTaskKey.interpreter, .text(.path), title: "Interpreter",
                        help: "The program that runs it. Not set: what its first line says (#!/usr/bin/python3), else /bin/sh."),
                    SettingDeclaration(
                        ScriptTaskKey.arguments, .list(.argument, maximum: 64), standard: .list([]), title: "Arguments",
                        help: "What the script is called with."),
                    SettingDeclaration(
                        ScriptTaskKey.environment, .list(.variable, maximum: 64), standard: .list([]), title: "Environment",
                        help: "Variables it finds beside PATH, LC_ALL, HOME, USER, LOGNAME and SHELL."),
                    SettingDeclaration(
                        ScriptTaskKey.user, .text(.line), standard: .text("root"), title: "User", help: "As whom it runs."),
                    SettingDeclaration(
                        ScriptTaskKey.directory, .text(.path), standard: .text("/"), title: "Working directory",
                        help: "Where it begins."),
                    SettingDeclaration(
                        ScriptTaskKey.timeLimit, .duration(.seconds(1)...(.days(7))), standard: .duration(.hours(1)),
                        title: "Time limit", help: "After it the script is ended, with everything it started."),
                    SettingDeclaration(
                        ScriptTaskKey.successCodes, .list(.exitCode, maximum: 32), standard: .list(["0"]), title: "Success codes",
                        help: "Exit codes of a script that has succeeded: these and no others. None: 0."),
                ], required: [ScriptTaskKey.text])
        ])
}

/// The type of task of scripts, and its settings.
package enum ScriptTaskKey {
    package static let run = "run"
    package static let text = "text"
    package static let interpreter = "interpreter"
    package static let arguments = "arguments"
    package static let environment = "environment"
    package static let user = "user"
    package static let directory = "directory"
    package static let timeLimit = "time-limit"
    package static let successCodes = "success-codes"
}
