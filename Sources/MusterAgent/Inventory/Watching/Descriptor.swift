import Glibc

/// A file descriptor that closes when the last one who has it goes.
final class Descriptor: Sendable {
    let number: Int32

    /// Nil for what a failed call returned.
    init?(_ number: Int32) {
        guard number >= 0 else { return nil }
        self.number = number
    }

    deinit { close(number) }
}
