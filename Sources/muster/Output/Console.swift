#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// Standard output and error, unbuffered: a follower's line is seen at once, and a reader that has gone ends the command.
enum Console {
    /// Writes all of `text`, or throws: also when the reader closed the pipe (SIGPIPE is ignored by NIO).
    static func write(_ text: String) throws(CommandError) { try write(text, to: STDOUT_FILENO) }

    static func line(_ text: String) throws(CommandError) { try write(text + "\n") }

    static func write(_ bytes: [UInt8]) throws(CommandError) { try write(bytes, to: STDOUT_FILENO) }

    /// A remark; failing to make it is no reason to stop.
    static func remark(_ text: String) { try? write(text + "\n", to: STDERR_FILENO) }

    private static func write(_ text: String, to descriptor: Int32) throws(CommandError) {
        try write(Array(text.utf8), to: descriptor)
    }

    private static func write(_ all: [UInt8], to descriptor: Int32) throws(CommandError) {
        var bytes = all[...]
        while !bytes.isEmpty {
            let count = bytes.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
            if count > 0 {
                bytes = bytes.dropFirst(count)
            } else if errno != EINTR {
                throw errno == EPIPE ? .readerGone : .output(String(cString: strerror(errno)))
            }
        }
    }
}
