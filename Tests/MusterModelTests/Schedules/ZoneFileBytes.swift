@testable import MusterModel

/// A TZif file made here, right unless told otherwise.
struct ZoneFileBytes {
    var version: Character? = "2"
    var transitions: [(second: Int64, type: UInt8)] = []
    var types: [(offset: Int32, isSummer: UInt8, name: UInt8)] = [(3600, 0, 0)]
    var names: [UInt8] = Array("CET\0".utf8)
    var leapSeconds = 0
    var standardIndicators = 0
    var utIndicators = 0
    var footer = "CET-1"

    /// Version 1 has the narrow block alone; later ones have an empty one first, as `zic -b slim` writes it.
    var bytes: [UInt8] {
        guard version != nil else { return header(changes: transitions.count) + block(width: 4) }
        var narrow = ZoneFileBytes()
        narrow.version = version
        narrow.names = [0]
        return narrow.header(changes: 0) + narrow.block(width: 4) + header(changes: transitions.count) + block(width: 8)
            + Array("\n\(footer)\n".utf8)
    }

    func rules() throws(ZoneFileError) -> ZoneRules { try ZoneRules(file: bytes) }

    func header(changes: Int) -> [UInt8] {
        let counts = [utIndicators, standardIndicators, leapSeconds, changes, types.count, names.count]
        return Array("TZif".utf8) + [version?.asciiValue ?? 0] + [UInt8](repeating: 0, count: 15)
            + counts.flatMap { Self.bytes(Int64($0), width: 4) }
    }

    private func block(width: Int) -> [UInt8] {
        var bytes = transitions.flatMap { Self.bytes($0.second, width: width) }
        bytes += transitions.map(\.type)
        bytes += types.flatMap { Self.bytes(Int64($0.offset), width: 4) + [$0.isSummer, $0.name] }
        bytes += names
        return bytes + [UInt8](repeating: 0, count: leapSeconds * (width + 4) + standardIndicators + utIndicators)
    }

    private static func bytes(_ number: Int64, width: Int) -> [UInt8] {
        (0..<width).reversed().map { UInt8(truncatingIfNeeded: number >> ($0 * 8)) }
    }
}

extension ZoneRules {
    /// Of the rule at the end of a file alone.
    init(footer: String) throws(ZoneFileError) {
        self.init(earliest: 0, changes: [], footer: try ZoneFooterParser.parse(footer.utf8))
    }

    static func warsaw() throws(ZoneFileError) -> ZoneRules { try ZoneRules(footer: "CET-1CEST,M3.5.0,M10.5.0/3") }
}
