import Glibc

/// Wakes a thread that waits in `poll`, from any other: a pair of sockets, one readable from the first ring on.
struct Bell: Sendable {
    private let reading: Descriptor
    private let writing: Descriptor

    /// Nil when there is no descriptor left.
    init?() {
        var ends: [Int32] = [-1, -1]
        let kind = SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue | SOCK_NONBLOCK.rawValue
        guard socketpair(AF_UNIX, Int32(kind), 0, &ends) == 0, let reading = Descriptor(ends[0]),
            let writing = Descriptor(ends[1])
        else { return nil }
        self.reading = reading
        self.writing = writing
    }

    /// What to poll for reading.
    var descriptor: Int32 { reading.number }

    /// The reading end is held here too, so this never meets a closed one.
    func ring() {
        var one: UInt8 = 1
        _ = SystemCall.retrying { write(writing.number, &one, 1) }
    }
}
