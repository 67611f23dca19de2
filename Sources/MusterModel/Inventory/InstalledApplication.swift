/// One installed application as the device reports it.
package struct InstalledApplication: Hashable, Sendable {
    /// Which of the device's package systems has it: `dpkg`, `python` …
    package var source: String
    package var name: String
    package var version: String
    /// As the source writes it (`amd64`, `all`); empty where it knows none.
    package var architecture: String
    /// Installed size in bytes, an estimate in every package system; 0 when unknown. A device reports it to four significant bits.
    package var size: UInt64

    package init(source: String, name: String, version: String, architecture: String = "", size: UInt64 = 0) {
        self.source = source
        self.name = name
        self.version = version
        self.architecture = architecture
        self.size = size
    }

    /// The size to four significant bits, at most 6 % off: exact estimates are a fifth of a compressed list of applications and tell
    /// nobody more.
    package var withRoundedSize: InstalledApplication {
        var rounded = self
        let shift = max(0, UInt64.bitWidth - size.leadingZeroBitCount - 4)
        let half: UInt64 = shift == 0 ? 0 : 1 << (shift - 1)
        let (sum, overflow) = size.addingReportingOverflow(half)
        rounded.size = ((overflow ? size : sum) >> shift) << shift
        return rounded
    }
}
