/// One installed application as the device reports it.
package struct InstalledApplication: Hashable, Sendable {
    /// Which of the device's package systems has it: `dpkg`, `python` …
    package var source: String
    package var name: String
    package var version: String
    /// As the source writes it (`amd64`, `all`); empty where it knows none.
    package var architecture: String
    /// Installed size in bytes; 0 when unknown.
    package var size: UInt64

    package init(source: String, name: String, version: String, architecture: String = "", size: UInt64 = 0) {
        self.source = source
        self.name = name
        self.version = version
        self.architecture = architecture
        self.size = size
    }
}
