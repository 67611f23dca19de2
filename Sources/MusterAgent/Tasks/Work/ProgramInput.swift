import CProcess
import Glibc

/// What a program reads: a file in memory, so that nobody has to feed it.
struct ProgramInput {
    let descriptor: Int32

    /// Nil for nothing.
    init?(_ bytes: [UInt8]) throws(ProgramFault) {
        if bytes.isEmpty { return nil }
        let low = muster_memory_file("input")
        descriptor = fcntl(low, F_DUPFD_CLOEXEC, ProcessStart.lowestDescriptor)
        if low >= 0 { _ = Glibc.close(low) }
        guard descriptor >= 0 else {
            throw ProgramFault("what it should read does not fit into memory: \(SystemCall.text(of: errno))")
        }
        var written = 0
        while written < bytes.count {
            let count = bytes.withUnsafeBytes { rest in
                SystemCall.retrying { write(descriptor, rest.baseAddress?.advanced(by: written), rest.count - written) }
            }
            guard count > 0 else {
                close()
                throw ProgramFault("what it should read does not fit into memory: \(SystemCall.text(of: errno))")
            }
            written += count
        }
        lseek(descriptor, 0, SEEK_SET)
    }

    func close() { _ = Glibc.close(descriptor) }
}
