import Glibc
package import MusterModel

/// Python packages installed for everybody: `*.dist-info/METADATA` in Debian's directory and in those of `pip install`.
package struct PythonSource: InstalledSource {
    package let name = "python"
    private let root: RootPath

    package init(root: String = "/") { self.root = RootPath(root) }

    /// In rising precedence: what stands in `/usr/local` is found first by Python.
    package var watchedDirectories: [String] {
        let local = (SystemCall.names(in: root.path("usr/local/lib")) ?? []).filter { $0.hasPrefix("python3") }
        return [root.path("usr/lib/python3/dist-packages")]
            + local.map { root.path("usr/local/lib/\($0)/dist-packages") }
    }

    package func read() throws(AgentError) -> [InstalledApplication] {
        var applications: [String: InstalledApplication] = [:]
        for directory in watchedDirectories {
            guard let names = SystemCall.names(in: directory) else {
                guard errno == ENOENT || errno == ENOTDIR else { throw .unreadable(name, directory, errno) }
                continue
            }
            for entry in names where entry.hasSuffix(".dist-info") {
                guard let application = try application(at: "\(directory)/\(entry)/METADATA") else { continue }
                applications[application.name] = application
            }
        }
        return applications.values.sorted { $0.name < $1.name }
    }

    /// Nil for one without a name or a version, and while its metadata is not written yet.
    private func application(at path: String) throws(AgentError) -> InstalledApplication? {
        let header: ControlParser.Paragraph?
        do {
            header = try ControlFile(path: path, fields: ["Name", "Version"]).paragraphs(limit: 1).first
        } catch {
            guard error.number == ENOENT || error.number == ENOTDIR else { throw .unreadable(name, path, error.number) }
            return nil
        }
        guard let header, let package = header[0], let version = header[1], !package.isEmpty else { return nil }
        return InstalledApplication(source: name, name: package, version: version)
    }
}
