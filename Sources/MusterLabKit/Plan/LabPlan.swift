/// What a lab consists of: the server in the office, and devices in places.
package struct LabPlan: Equatable, Sendable {
    package struct Device: Equatable, Sendable {
        package var name: String
        package var place: LabPlace
    }

    /// The server's host name; no device has it.
    package static let server = "muster"
    /// Under it the server is known everywhere: the router's address outside.
    package static let externalName = "muster.example.com"
    /// Under it the server is known in the office: its own address.
    package static let internalName = "muster.corp.example.com"
    /// Of the name server, and of the Internet's router.
    static let internet = "203.0.113.1"
    static let serverHost = 10

    package private(set) var devices: [Device] = []

    /// One device in each place, the hotel left empty for travellers: what `make lab` boots.
    package static let everywhere = LabPlan([
        ("krk-pc-01", .office), ("krk-pc-02", .home), ("krk-pc-03", .branch), ("krk-pc-04", .hosting), ("krk-pc-05", .village),
        ("krk-pc-06", .cafe),
    ])

    /// Names are host names: small letters, digits and hyphens, at most 32; not those the lab has itself. Others, and a second of the
    /// same name, are left out.
    package init(_ devices: [(name: String, place: LabPlace)]) {
        for (name, place) in devices where Self.isName(name) && !has(name) {
            self.devices.append(Device(name: name, place: place))
        }
    }

    package func has(_ name: String) -> Bool { devices.contains { $0.name == name } }

    /// A host's number in the network it is in: 20 and up for devices, so that one keeps it wherever it goes.
    func number(of name: String) -> Int {
        name == Self.server ? Self.serverHost : 20 + (devices.firstIndex { $0.name == name } ?? 0)
    }

    func place(of name: String) -> LabPlace { devices.first { $0.name == name }?.place ?? .office }

    private static func isName(_ text: String) -> Bool {
        (1...32).contains(text.utf8.count) && !text.hasPrefix("-") && !text.hasPrefix("router-")
            && text != server && text != "internet"
            && text.utf8.allSatisfy { (0x61...0x7a).contains($0) || (0x30...0x39).contains($0) || $0 == 0x2d }
    }
}
