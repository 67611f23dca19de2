import Glibc
import MusterModel

/// The header of a file of the official databases, its first 512 bytes:
/// `ClamAV-VDB:25 Nov 2026 09-30 +0000:27500:2087654:90:MD5:SIGNATURE:BUILDER:1795599000`.
struct SignatureHeader: Hashable, Sendable {
    static let bytes = 512

    let version: Int64
    let signatures: Int64
    let built: Timestamp

    /// Nil for what is none, and for numbers that no database has.
    init?(_ bytes: some Collection<UInt8>) {
        let text = String(decoding: bytes.prefix(Self.bytes), as: UTF8.self)
        let parts = text.split(separator: ":", omittingEmptySubsequences: false)
        guard parts.count >= 9, parts[0] == "ClamAV-VDB" else { return nil }
        let seconds = parts[8].prefix { $0.isASCII && $0.isNumber }
        // A hundred thousand million signatures, and the year 5138: far beyond what there is, and far from overflow.
        guard let version = Int64(parts[2]), let signatures = Int64(parts[3]), let built = Int64(seconds),
            (0...100_000_000_000).contains(version), (0...100_000_000_000).contains(signatures),
            (0...100_000_000_000).contains(built)
        else { return nil }
        self.version = version
        self.signatures = signatures
        self.built = Timestamp(milliseconds: built * 1000)
    }
}

/// What databases a directory has: the version of the official daily one, when the newest was made, how many signatures the official ones have.
struct SignatureDatabases: Hashable, Sendable {
    /// Of the official daily database.
    private(set) var version: Int64?
    /// Of that, or else of the newest file; nil: there are none.
    private(set) var built: Timestamp?
    private(set) var signatures: Int64 = 0

    /// Names looked at; the official databases and those of other makers are some dozens.
    private static let mostNames = 4096
    private static let official = ["bytecode", "daily", "main"]
    /// What else clamd loads.
    private static let others = [
        "cat", "cbc", "cdb", "cfg", "crb", "fp", "ftm", "gdb", "hdb", "hdu", "hsb", "hsu", "idb", "ign", "ign2", "imp", "info",
        "ldb", "ldu", "mdb", "mdu", "msb", "msu", "ndb", "ndu", "pdb", "pwdb", "sdb", "sfp", "wdb", "yar", "yara", "zmd",
    ]

    init() {}

    /// Blocks for the disk.
    init(directory: String) {
        var newest: Timestamp?
        for name in (SystemCall.names(in: directory) ?? []).prefix(Self.mostNames) {
            let parts = name.split(separator: ".", omittingEmptySubsequences: false)
            guard parts.count >= 2, let status = try? FileStatus("\(directory)/\(name)"), status.kind == .file else { continue }
            if Self.official.contains(String(parts[0])), parts.count == 2, ["cvd", "cld"].contains(parts[1]) {
                add("\(directory)/\(name)", isDaily: parts[0] == "daily")
            } else if parts.last.map({ Self.others.contains(String($0)) || $0 == "cvd" || $0 == "cld" }) == true {
                let changed = status.modified.seconds.multipliedReportingOverflow(by: 1000)
                if !changed.overflow {
                    newest = max(newest ?? .init(milliseconds: .min), Timestamp(milliseconds: changed.partialValue))
                }
            }
        }
        if version == nil { built = newest ?? built }
    }

    private mutating func add(_ path: String, isDaily: Bool) {
        guard let bytes = SystemCall.contents(of: path, limit: SignatureHeader.bytes), let header = SignatureHeader(bytes) else {
            return
        }
        signatures += header.signatures
        if isDaily, header.version >= version ?? 0 {
            (version, built) = (header.version, header.built)
        } else if version == nil {
            built = max(built ?? header.built, header.built)
        }
    }
}
