import Glibc
import MusterModel

/// ClamAV's files on the disk: what they say, and setting the keys that policies manage in them.
struct ClamFiles: Sendable {
    private let program: SystemProgram
    private let clamd: ManagedFile
    private let freshclam: ManagedFile
    private let agent: ManagedFile

    /// - Parameter directory: of the agent's own configuration.
    init(directory: String, program: SystemProgram, root: RootPath) {
        func file(_ directory: String, _ name: String) -> ManagedFile {
            ManagedFile(directory: directory, name: name, maximumBytes: ClamConfiguration.maximumBytes)
        }
        self.program = program
        clamd = file(root.path("etc/clamav"), "clamd.conf")
        freshclam = file(root.path("etc/clamav"), "freshclam.conf")
        agent = file(directory, "clamav.conf")
    }

    var directories: [String] { [clamd.directory, agent.directory] }

    func read(_ file: ClamDirective.File) throws(ConnectorError) -> ClamConfiguration {
        ClamConfiguration(try self[file].contents() ?? [])
    }

    private subscript(_ file: ClamDirective.File) -> ManagedFile {
        switch file {
        case .clamd: clamd
        case .freshclam: freshclam
        case .agent: agent
        }
    }

    /// Of all directives.
    func values() throws(ConnectorError) -> [String: ManagedValue] {
        var values: [String: ManagedValue] = [:]
        for file in [ClamDirective.File.clamd, .freshclam, .agent] {
            let configuration = try read(file)
            for directive in ClamDirective.all where directive.file == file {
                values[directive.key] = directive.value(in: configuration)
            }
        }
        return values
    }

    /// All files or none.
    /// - Parameter change: further directives of `clamd.conf`.
    /// - Returns: the files that were written.
    func set(
        _ settings: [String: ManagedValue], _ change: (inout ClamConfiguration) -> Void
    ) async throws(ConnectorError) -> Set<ClamDirective.File> {
        var changes: [(file: ClamDirective.File, before: ClamConfiguration, after: ClamConfiguration)] = []
        for file in [ClamDirective.File.clamd, .freshclam, .agent] {
            let before = try read(file)
            var after = before
            for directive in ClamDirective.all where directive.file == file {
                if let value = settings[directive.key] { try directive.set(value, in: &after) }
            }
            if file == .clamd { change(&after) }
            if after != before { changes.append((file, before, after)) }
        }
        var written: [(file: ClamDirective.File, before: ClamConfiguration)] = []
        do throws(ConnectorError) {
            for change in changes {
                try write(change.after, to: change.file)
                written.append((change.file, change.before))
                try await check(change.file)
            }
        } catch {
            for change in written.reversed() { try write(change.before, to: change.file) }
            throw error
        }
        return Set(changes.map(\.file))
    }

    private func write(_ configuration: ClamConfiguration, to file: ClamDirective.File) throws(ConnectorError) {
        try self[file].replace(with: configuration.bytes)
    }

    /// clamd reads its file before it says its version, and refuses what it does not understand; it is not started anew with that.
    private func check(_ file: ClamDirective.File) async throws(ConnectorError) {
        guard file != .agent else { return }
        let (name, path) = file == .clamd ? ("clamd", clamd.path) : ("freshclam", freshclam.path)
        guard program.isThere(name) else { return }
        let output = await program.run(name, ["--config-file=\(path)", "--version"], within: .seconds(3))
        if let failure = output.failure(of: "\(name) --version") {
            throw ConnectorError("configurationRefused", "\(name) does not take its new settings: \(failure)")
        }
    }
}
