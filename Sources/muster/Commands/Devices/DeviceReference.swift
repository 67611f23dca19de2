import MusterAPI
import MusterModel

/// A device as people name it: its id, the beginning of its id (at least 4 characters), or its name.
struct DeviceReference {
    static let shortestPrefix = 4

    private let text: String
    private var named: [DeviceEntry] = []
    private var prefixed: [DeviceEntry] = []

    init(_ text: String) { self.text = text }

    /// The id, where the text is a whole one: nothing needs to be asked.
    var id: DeviceID? { DeviceID(text) }

    /// Devices as they are listed. A name goes before the beginning of an id.
    mutating func considered(_ devices: [DeviceEntry]) {
        named += devices.filter { $0.name == text }
        if text.count >= Self.shortestPrefix { prefixed += devices.filter { $0.id.description.hasPrefix(text.lowercased()) } }
    }

    func decided(server: APIAddress) throws(CommandError) -> DeviceID {
        let found = named.isEmpty ? prefixed : named
        guard let device = found.first else { throw .deviceNotFound(TerminalText.escaped(text), server) }
        guard found.count == 1 else {
            let shown = found.prefix(10).map { "\($0.id)  \(TerminalText.escaped($0.name))" }
            throw .ambiguous(TerminalText.escaped(text), candidates: shown)
        }
        return device.id
    }
}

extension APIClient {
    /// Looks through the list of devices only when `text` is not an id.
    mutating func device(_ text: String) async throws -> DeviceID {
        var reference = DeviceReference(text)
        if let id = reference.id { return id }
        try await forEachPage(APIPath.devices, limit: nil, of: DeviceEntry.self) { reference.considered($0) }
        return try reference.decided(server: server)
    }
}
