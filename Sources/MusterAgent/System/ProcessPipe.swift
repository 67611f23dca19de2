import CProcess
import Glibc

/// A pipe from a program to one thread that reads it.
final class ProcessPipe {
    let reading: Int32
    /// -1 once it is closed here.
    private(set) var writing: Int32
    private(set) var isEnded = false

    /// Nil without a free descriptor.
    init?() {
        var ends: [Int32] = [-1, -1]
        guard muster_pipe(&ends) == 0 else { return nil }
        let high = ends.map { fcntl($0, F_DUPFD_CLOEXEC, ProcessStart.lowestDescriptor) }
        for end in ends { close(end) }
        reading = high[0]
        writing = high[1]
        if reading < 0 || writing < 0 { return nil }
    }

    deinit {
        if reading >= 0 { close(reading) }
        closeWriting()
    }

    func closeWriting() {
        if writing >= 0 { close(writing) }
        writing = -1
    }

    /// What to ask `poll` for.
    var interest: pollfd { pollfd(fd: isEnded ? -1 : reading, events: Int16(POLLIN), revents: 0) }

    /// Blocks where nothing is there; nothing at the end.
    func read(into buffer: UnsafeMutableRawBufferPointer) -> UnsafeRawBufferPointer {
        let count = SystemCall.retrying { Glibc.read(reading, buffer.baseAddress, buffer.count) }
        isEnded = count <= 0
        return UnsafeRawBufferPointer(rebasing: buffer[..<max(0, count)])
    }
}
