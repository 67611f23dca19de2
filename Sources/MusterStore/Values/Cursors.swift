package import MusterModel

/// Where a list of devices goes on: after this name and id.
package struct DeviceCursor: Hashable, Sendable {
    package var name: String
    package var id: DeviceID

    package init(name: String, id: DeviceID) {
        self.name = name
        self.id = id
    }
}

extension DeviceCursor {
    /// In the database's order: bytes of the name, then of the id.
    func isBefore(_ other: Self) -> Bool {
        if name.utf8.elementsEqual(other.name.utf8) { return id.bytes.lexicographicallyPrecedes(other.id.bytes) }
        return name.utf8.lexicographicallyPrecedes(other.name.utf8)
    }
}

/// Where a list in order of creation goes on.
package struct CreationCursor<Entity>: Hashable, Sendable {
    package var created: Timestamp
    package var id: EntityID<Entity>

    package init(created: Timestamp, id: EntityID<Entity>) {
        self.created = created
        self.id = id
    }
}

/// Where a list of installed applications goes on. The order is name, source, version, item, device.
package struct InstalledCursor: Hashable, Sendable {
    package var name: String
    package var source: String
    package var versionKey: [UInt8]
    package var item: Int64
    package var device: DeviceID
}

/// Cursors travel through the API as opaque text: hexadecimal fields with dots between, safe in URLs.
extension DeviceCursor: LosslessStringConvertible {
    package init?(_ description: String) {
        let fields = CursorText.fields(description)
        guard fields.count == 2, let id = DeviceID(bytes: fields[1]) else { return nil }
        self.init(name: String(decoding: fields[0], as: UTF8.self), id: id)
    }

    package var description: String { CursorText.text([Array(name.utf8), id.bytes]) }
}

extension CreationCursor: LosslessStringConvertible {
    package init?(_ description: String) {
        let fields = CursorText.fields(description)
        guard fields.count == 2, let created = Int64(String(decoding: fields[0], as: UTF8.self)),
            let id = EntityID<Entity>(bytes: fields[1])
        else { return nil }
        self.init(created: Timestamp(milliseconds: created), id: id)
    }

    package var description: String { CursorText.text([Array(String(created.milliseconds).utf8), id.bytes]) }
}

extension InstalledCursor: LosslessStringConvertible {
    package init?(_ description: String) {
        let fields = CursorText.fields(description)
        guard fields.count == 5, let item = Int64(String(decoding: fields[3], as: UTF8.self)),
            let device = DeviceID(bytes: fields[4])
        else { return nil }
        self.init(
            name: String(decoding: fields[0], as: UTF8.self), source: String(decoding: fields[1], as: UTF8.self),
            versionKey: fields[2], item: item, device: device)
    }

    package var description: String {
        CursorText.text([Array(name.utf8), Array(source.utf8), versionKey, Array(String(item).utf8), device.bytes])
    }
}

private enum CursorText {
    static func text(_ fields: [[UInt8]]) -> String { fields.map { Hexadecimal.text($0) }.joined(separator: ".") }

    /// Empty when anything in it is not hexadecimal.
    static func fields(_ text: String) -> [[UInt8]] {
        let parts = text.split(separator: ".", omittingEmptySubsequences: false)
        let fields = parts.compactMap { Hexadecimal.bytes($0) }
        return fields.count == parts.count ? fields : []
    }
}
