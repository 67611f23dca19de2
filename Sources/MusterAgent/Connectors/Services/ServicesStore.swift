import MusterModel

/// `services.conf` on the disk.
struct ServicesStore: Sendable {
    private let file: ManagedFile

    init(directory: String) {
        file = ManagedFile(directory: directory, name: "services.conf", maximumBytes: ServicesFile.maximumBytes)
    }

    var path: String { file.path }
    var directory: String { file.directory }

    /// Nil without a file.
    func read() throws(ConnectorError) -> ServicesFile? {
        guard let bytes = try file.contents() else { return nil }
        do { return try ServicesFile(bytes) } catch { throw file.damaged(error.text) }
    }

    /// Nothing is written when it says so already.
    func set(_ values: [String: ManagedValue]) throws(ConnectorError) {
        let found = try read()
        var new = found ?? ServicesFile()
        new.set(values)
        if new != found { try file.replace(with: new.text) }
    }
}
