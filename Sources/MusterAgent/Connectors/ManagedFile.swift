import Glibc

/// A file with settings of an application: read, and written anew as a whole beside and renamed, with the owner and the permissions it had.
struct ManagedFile: Sendable {
    let directory: String
    let name: String
    /// Longer ones are not what they should be.
    let maximumBytes: Int

    var path: String { directory + "/" + name }

    /// Nil without a file. Blocks for a small file.
    func contents() throws(ConnectorError) -> [UInt8]? {
        guard let status = try status() else { return nil }
        guard status.kind == .file else { throw damaged("it is not a plain file") }
        guard status.size <= Int64(maximumBytes) else { throw damaged("it is longer than \(maximumBytes) bytes") }
        guard let bytes = SystemCall.contents(of: path, limit: maximumBytes) else {
            throw damaged("it cannot be read: \(SystemCall.text(of: errno))")
        }
        return bytes
    }

    func replace(with text: String) throws(ConnectorError) { try replace(with: Array(text.utf8)) }

    func replace(with bytes: [UInt8]) throws(ConnectorError) {
        let status = try status()
        if let status, status.permissions & 0o200 == 0 {
            throw readOnly("its owner may not write to it (chmod u+w \(path))")
        }
        if mkdir(directory, 0o755) != 0, errno != EEXIST {
            throw readOnly("\(directory) cannot be made: \(SystemCall.text(of: errno))")
        }
        let new = directory + "/.\(name).new"
        unlink(new)
        let descriptor = open(new, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw readOnly("\(directory) cannot be written to: \(SystemCall.text(of: errno))") }
        let isWritten = write(bytes, to: descriptor, as: status)
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

    func damaged(_ what: String) -> ConnectorError {
        ConnectorError("fileDamaged", "\(path): \(what). Mend it, or delete it; what was in force stays so until then")
    }

    private func readOnly(_ what: String) -> ConnectorError {
        ConnectorError("fileReadOnly", "\(path): \(what). Let the agent write it, or take its settings out of the policy")
    }
}
