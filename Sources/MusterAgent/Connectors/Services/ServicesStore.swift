import Glibc
import MusterModel

/// `services.conf` on the disk: read, and written anew as a whole beside and renamed, with the owner and the permissions it had.
struct ServicesStore: Sendable {
    static let name = "services.conf"

    let path: String
    let directory: String

    init(directory: String) {
        self.directory = directory
        path = directory + "/" + Self.name
    }

    /// Nil without a file. Blocks for a small file.
    func read() throws(ConnectorError) -> ServicesFile? {
        guard let status = try status() else { return nil }
        guard status.kind == .file else { throw damaged("it is not a plain file") }
        guard status.size <= Int64(ServicesFile.maximumBytes) else {
            throw damaged("it is longer than \(ServicesFile.maximumBytes) bytes")
        }
        guard let bytes = SystemCall.contents(of: path, limit: ServicesFile.maximumBytes) else {
            throw damaged("it cannot be read: \(SystemCall.text(of: errno))")
        }
        do { return try ServicesFile(bytes) } catch { throw damaged(error.text) }
    }

    /// Nothing is written when it says so already.
    func set(_ values: [String: ManagedValue]) throws(ConnectorError) {
        let found = try read()
        var file = found ?? ServicesFile()
        file.set(values)
        guard file != found else { return }
        let status = try status()
        if let status, status.permissions & 0o200 == 0 {
            throw readOnly("its owner may not write to it (chmod u+w \(path))")
        }
        if mkdir(directory, 0o755) != 0, errno != EEXIST {
            throw readOnly("\(directory) cannot be made: \(SystemCall.text(of: errno))")
        }
        try replace(file.text, as: status)
    }

    private func replace(_ text: String, as status: FileStatus?) throws(ConnectorError) {
        let new = directory + "/.\(Self.name).new"
        unlink(new)
        let descriptor = open(new, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw readOnly("\(directory) cannot be written to: \(SystemCall.text(of: errno))") }
        let isWritten = write(Array(text.utf8), to: descriptor, as: status)
        let number = errno
        close(descriptor)
        guard isWritten, rename(new, path) == 0 else {
            let text = SystemCall.text(of: isWritten ? errno : number)
            unlink(new)
            throw readOnly("it cannot be written: \(text)")
        }
        if let folder = Descriptor(open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC)) { fsync(folder.number) }
    }

    private func write(_ bytes: [UInt8], to descriptor: Int32, as status: FileStatus?) -> Bool {
        var rest = bytes[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { bytes in
                SystemCall.retrying { Glibc.write(descriptor, bytes.baseAddress, bytes.count) }
            }
            guard count > 0 else { return false }
            rest = rest.dropFirst(count)
        }
        if let status, fchown(descriptor, status.owner, gid_t.max) != 0 { return false }
        return fchmod(descriptor, status?.permissions ?? 0o644) == 0 && fsync(descriptor) == 0
    }

    private func status() throws(ConnectorError) -> FileStatus? {
        do {
            return try FileStatus(path)
        } catch {
            if error.number == ENOENT || error.number == ENOTDIR { return nil }
            throw damaged("it cannot be looked at: \(SystemCall.text(of: error.number))")
        }
    }

    private func damaged(_ what: String) -> ConnectorError {
        ConnectorError("fileDamaged", "\(path): \(what). Mend it, or delete it; what was in force stays so until then")
    }

    private func readOnly(_ what: String) -> ConnectorError {
        ConnectorError("fileReadOnly", "\(path): \(what). Let the agent write it, or take its settings out of the policy")
    }
}
