import Glibc
import MusterModel

/// The text of a script, where its user alone reads it, for as long as it runs.
struct ScriptFile {
    private let folder: String

    var path: String { folder + "/script" }

    /// - Parameter user: whose it is; nil: this process's.
    init(_ text: String, for user: String?, root: RootPath) throws(ProgramFault) {
        var owner: SystemUser?
        if let user {
            owner = SystemUser(named: user)
            if owner == nil { throw ProgramFault("this device has no user '\(user)'") }
        }
        var name = Array(root.path("run/muster-script-XXXXXX").utf8CString)
        guard let made = mkdtemp(&name) else { throw Self.fault("its folder cannot be made in \(root.path("run"))") }
        folder = String(cString: made)
        do {
            try write(text, owner)
        } catch {
            remove()
            throw error
        }
    }

    private func write(_ text: String, _ owner: SystemUser?) throws(ProgramFault) {
        let descriptor = open(path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0o400)
        guard descriptor >= 0 else { throw Self.fault("it cannot be written to \(path)") }
        defer { close(descriptor) }
        var rest = Array(text.utf8)[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { bytes in
                SystemCall.retrying { Glibc.write(descriptor, bytes.baseAddress, bytes.count) }
            }
            guard count > 0 else { throw Self.fault("it cannot be written to \(path)") }
            rest = rest.dropFirst(count)
        }
        guard let owner, owner.id != geteuid() else { return }
        guard fchown(descriptor, owner.id, owner.group) == 0, chown(folder, owner.id, owner.group) == 0 else {
            throw Self.fault("it cannot be given to \(owner.name)")
        }
    }

    func remove() {
        unlink(path)
        rmdir(folder)
    }

    private static func fault(_ what: String) -> ProgramFault { ProgramFault("\(what): \(SystemCall.text(of: errno))") }
}
