import Glibc

/// The pages of programs' code that are mapped into this process. Most were touched, or read around what was touched (64 KiB a time), by the
/// start and by synchronizations: of 27 MiB the agent at rest needs 8.
enum ProgramPages {
    /// Unmaps them: the kernel keeps them in its cache as long as it likes, and maps again what is used. Only code: it is never written to, so
    /// nothing is lost; what the linker prepared for this process lies in other mappings.
    static func giveBack() {
        guard let maps = SystemCall.contents(of: "/proc/self/maps") else { return }
        for line in maps.split(separator: UInt8(ascii: "\n")) {
            guard let code = code(in: String(decoding: line, as: UTF8.self)) else { continue }
            madvise(UnsafeMutableRawPointer(bitPattern: code.lowerBound), code.count, MADV_DONTNEED)
        }
    }

    /// The addresses of a mapping that is a file's code, readable and executable and not writable; nil for all others.
    ///
    /// `55eec1ecc000-55eec3f3b000 r-xp 00000000 fe:00 1024206   /usr/bin/muster-agent`
    static func code(in line: String) -> Range<UInt>? {
        let fields = line.split(separator: " ", omittingEmptySubsequences: true)
        guard fields.count >= 6, fields[1] == "r-xp", fields[5].hasPrefix("/") else { return nil }
        let ends = fields[0].split(separator: "-").compactMap { UInt($0, radix: 16) }
        guard ends.count == 2, ends[0] < ends[1] else { return nil }
        return ends[0]..<ends[1]
    }
}
