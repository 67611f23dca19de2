import ArgumentParser
import Glibc
import MusterAgent

/// The file an enrolment token is read from, or stdin (`-`).
enum TokenFile {
    /// A token is 80 bytes: a UUID, a dot and 43 characters.
    private static let longest = 4096

    /// - Returns: its text without white space at its ends.
    static func read(_ path: String) throws -> String {
        let descriptor = path == "-" ? STDIN_FILENO : open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw Failure(reason: "cannot read the token file \(path): \(Terminal.text(of: errno))") }
        defer { if descriptor != STDIN_FILENO { close(descriptor) } }
        if descriptor != STDIN_FILENO { warnIfOpen(path) }
        var bytes: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: longest)
        while bytes.count <= longest {
            let count = Glibc.read(descriptor, &buffer, buffer.count)
            if count < 0, errno == EINTR { continue }
            guard count >= 0 else { throw Failure(reason: "cannot read the token from \(path): \(Terminal.text(of: errno))") }
            if count == 0 { break }
            bytes += buffer[..<count]
        }
        let text = String(decoding: bytes, as: UTF8.self).split(whereSeparator: \.isWhitespace)
        guard bytes.count <= longest, text.count == 1 else {
            throw Failure(reason: "\(path) does not hold one enrolment token")
        }
        return String(text[0])
    }

    private static func warnIfOpen(_ path: String) {
        guard let status = try? FileStatus(path, followingLinks: true), status.kind == .file, status.permissions & 0o077 != 0
        else { return }
        Terminal.warn("other users can read the token file \(path): chmod 600 it")
    }
}

/// A failure in words.
struct Failure: Error, CustomStringConvertible {
    var reason: String
    var description: String { reason }
}
