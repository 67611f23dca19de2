import Foundation

/// A program that a test makes.
package enum ProgramFile {
    /// As a package installs it: whole, by renaming; also over one that is being run. Another program writes it: a file that this process has
    /// open for writing is open in whatever it starts at the same moment, too, and cannot be run meanwhile.
    /// - Parameters:
    ///   - path: the folder is there.
    ///   - mode: what may be done with it.
    package static func write(_ text: String, to path: String, mode: Int = 0o755) throws {
        let (folder, name) = ((path as NSString).deletingLastPathComponent, (path as NSString).lastPathComponent)
        let (source, made) = ("\(folder)/.\(name).text", "\(folder)/.\(name).new")
        try Data(text.utf8).write(to: URL(fileURLWithPath: source))
        defer { unlink(source) }
        let script = "cp '\(source)' '\(made)' && chmod \(String(mode, radix: 8)) '\(made)'"
        guard system(script) == 0, rename(made, path) == 0 else {
            throw FixtureError(description: "\(path) could not be made")
        }
    }
}
