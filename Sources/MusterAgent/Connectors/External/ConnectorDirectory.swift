import Glibc
import MusterModel

/// The directory with connectors of others: which may be started, and why others may not. Whoever may write there runs as the agent does,
/// so only its owner may.
struct ConnectorDirectory: Sendable {
    /// A process each; more is no device that anyone looks after.
    static let maximumCount = 16

    /// A file that may be started.
    struct Executable: Hashable, Sendable {
        /// Its name.
        let application: ApplicationID
        let path: String
        /// Another one: it was replaced.
        let stamp: FileStamp
    }

    struct Listing: Hashable, Sendable {
        var executables: [Executable] = []
        /// Why a file is not started, by its name.
        var refused: [String: String] = [:]
    }

    let path: String
    private let owner: UInt32

    /// - Parameter owner: whose directory and files must be: root's, or the agent's own user's where it is not root.
    init(path: String, owner: UInt32 = geteuid()) {
        self.path = path
        self.owner = owner
    }

    /// Blocks for some looks into the file system. No directory holds nothing.
    func list() -> Listing {
        guard let names = SystemCall.names(in: path)?.filter({ !$0.hasPrefix(".") }), !names.isEmpty else { return Listing() }
        if let fault = directoryFault() {
            return Listing(refused: Dictionary(names.prefix(64).map { ($0, fault) }) { first, _ in first })
        }
        var listing = Listing()
        // Refusals are shown: not more of them than people read.
        for name in names.prefix(256) {
            do throws(ConnectorFault) {
                let executable = try executable(name)
                guard listing.executables.count < Self.maximumCount else {
                    throw ConnectorFault("there are \(Self.maximumCount) connectors before it, and no more are started")
                }
                listing.executables.append(executable)
            } catch {
                listing.refused[name] = error.text
            }
        }
        return listing
    }

    private func directoryFault() -> String? {
        guard let status = try? FileStatus(path, followingLinks: true) else { return "\(path) cannot be looked at" }
        return fault(status, "the directory \(path)")
    }

    private func executable(_ name: String) throws(ConnectorFault) -> Executable {
        guard let application = ApplicationID(name) else {
            throw ConnectorFault("its name is no id: small letters, digits and hyphens, beginning with a letter")
        }
        guard ApplicationManifest.builtIn(application) == nil else {
            throw ConnectorFault("'\(application)' is a built-in application: give the connector another id")
        }
        let path = "\(path)/\(name)"
        guard let status = try? FileStatus(path), let stamp = FileStamp(path) else {
            throw ConnectorFault("it cannot be looked at")
        }
        guard status.kind == .file else { throw ConnectorFault("it is not a plain file") }
        if let fault = fault(status, "it") { throw ConnectorFault(fault) }
        guard status.permissions & 0o100 != 0 else { throw ConnectorFault("it is not executable (chmod u+x)") }
        return Executable(application: application, path: path, stamp: stamp)
    }

    private func fault(_ status: FileStatus, _ what: String) -> String? {
        if status.owner != owner {
            let name = owner == 0 ? "root" : "user \(owner)"
            return "\(what) belongs to user \(status.owner), and must belong to \(name)"
        }
        return status.permissions & 0o022 == 0 ? nil : "others may write to \(what) (chmod go-w)"
    }
}

/// Why something is no connector: a clause.
struct ConnectorFault: Error, Hashable, Sendable {
    let text: String

    init(_ text: String) { self.text = text }
}
