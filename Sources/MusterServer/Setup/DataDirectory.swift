import Foundation
import Glibc
import MusterTrust

/// The server's directory: keys, certificates, the token made at first, the embedded database. Closed to everyone else (0700, files 0600).
package struct DataDirectory: Sendable {
    /// What to do about a file that is missing or damaged.
    static let advice = "put it back from a copy of the data directory"

    package let path: String

    /// - Parameter path: one that is relative is so to where the program was started, and is kept as a whole.
    package init(_ path: String) {
        self.path = path.hasPrefix("/") ? path : FileManager.default.currentDirectoryPath + "/" + path
    }

    func file(_ name: String) -> String { path + "/" + name }

    /// What `init` wrote last: its presence means that the directory is complete.
    var configuration: String { file("server.json") }
    var serverKey: String { file("server.key") }
    var serverCertificate: String { file("server.crt") }
    /// To be kept elsewhere; not needed to run.
    package var reserveKey: String { file("reserve.key") }
    var issuerKey: String { file("issuer.key") }
    /// Opens the secrets in policies; without it they have to be entered again.
    var secretsKey: String { file("secrets.key") }
    var apiKey: String { file("api.key") }
    var apiCertificate: String { file("api.crt") }
    package var apiPin: String { file("api.pin") }
    package var adminToken: String { file("admin.token") }
    var database: String { file("muster.db") }

    func make() throws(ServerError) {
        do {
            try FileManager.default.createDirectory(
                atPath: path, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
        } catch {
            throw ServerError(.file, "the data directory \(path) cannot be made: \(error.localizedDescription)")
        }
    }

    /// - Throws: `notInitialized` for a directory that never was one, `damaged` for one that lacks what `init` writes last.
    func checkComplete() throws(ServerError) {
        guard !FileManager.default.fileExists(atPath: configuration) else { return }
        if FileManager.default.fileExists(atPath: serverKey) { throw incomplete }
        throw ServerError(.notInitialized, "\(path) is not set up: run muster-server init --data-dir \(path)")
    }

    /// What another user wrote here the server could not write any more: files, and the embedded database's log.
    /// - Throws: `file`, with the command that works.
    func checkOwner() throws(ServerError) {
        var status = stat()
        guard stat(path, &status) == 0, status.st_uid != geteuid() else { return }
        let owner = getpwuid(status.st_uid).map { String(cString: $0.pointee.pw_name) } ?? "#\(status.st_uid)"
        throw ServerError(.file, "\(path) belongs to \(owner): run this as that user, runuser -u \(owner) -- muster-server …")
    }

    /// Keys without `server.json`: a setup that was interrupted, or a server that lost that file. New keys would lock its devices out.
    var incomplete: ServerError {
        ServerError(
            .damaged,
            """
            \(path) has keys, and no server.json: put that file back from a copy of the data directory. If this server was never in use, \
            an interrupted init left them: empty the directory and run muster-server init again
            """)
    }

    static func hasContent(_ file: String) -> Bool {
        var status = stat()
        return stat(file, &status) == 0 && status.st_size > 0
    }

    func read(_ file: String) throws(ServerError) -> [UInt8] {
        guard let data = FileManager.default.contents(atPath: file) else {
            throw ServerError(.damaged, "\(file) cannot be read: \(Self.advice)")
        }
        return Array(data)
    }

    func readText(_ file: String) throws(ServerError) -> String { String(decoding: try read(file), as: UTF8.self) }

    func readKey(_ file: String) throws(ServerError) -> PrivateKey {
        let text = try readText(file)
        do { return try PrivateKey(pem: text) } catch { throw ServerError(.damaged, "\(file): \(error.reason); \(Self.advice)") }
    }

    /// Writes beside, syncs, renames: after a crash the file is the old or the new one, whole.
    func write(_ bytes: some Collection<UInt8>, to file: String) throws(ServerError) {
        let temporary = file + ".new"
        unlink(temporary)
        let descriptor = open(temporary, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw Self.failure("written", file) }
        defer { close(descriptor) }
        var rest = Array(bytes)[...]
        while !rest.isEmpty {
            let written = rest.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
            guard written > 0 else { throw Self.failure("written", file) }
            rest = rest.dropFirst(written)
        }
        guard fsync(descriptor) == 0, rename(temporary, file) == 0 else { throw Self.failure("written", file) }
    }

    private static func failure(_ what: String, _ file: String) -> ServerError {
        ServerError(.file, "\(file) cannot be \(what): \(String(cString: strerror(errno)))")
    }
}

/// The right to work on a data directory: given back when this value goes, or when the process ends in whatever way.
package final class DataDirectoryLock: Sendable {
    private let descriptor: Int32

    package init(_ directory: DataDirectory) throws(ServerError) {
        descriptor = open(directory.file("lock"), O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw ServerError(.file, "\(directory.file("lock")) cannot be opened") }
        guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
            throw ServerError(.alreadyRunning, "another muster-server uses \(directory.path): stop it first")
        }
    }

    deinit { close(descriptor) }
}
