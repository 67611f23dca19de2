extension ZoneRules {
    /// Reads a TZif file (RFC 9636, versions 1 to 4).
    package init(file bytes: [UInt8]) throws(ZoneFileError) {
        guard bytes.count <= Self.maximumBytes else { throw .tooLarge(bytes.count) }
        var reader = ZoneFileReader(bytes)
        self = try reader.rules()
    }
}

/// Goes once through the bytes of a TZif file. Every count is held against the bytes that are there before anything is made of it.
struct ZoneFileReader {
    /// The two ways times are written in.
    private enum Width: Int { case narrow = 4, wide = 8 }

    /// How many there are of each thing in a block.
    private struct Counts {
        let utIndicators, standardIndicators, leapSeconds, changes, types, characters: Int

        func bytes(_ width: Width) -> Int {
            changes * (width.rawValue + 1) + types * 6 + characters + leapSeconds * (width.rawValue + 4) + standardIndicators
                + utIndicators
        }
    }

    private var rest: ArraySlice<UInt8>

    init(_ bytes: [UInt8]) { rest = bytes[...] }

    mutating func rules() throws(ZoneFileError) -> ZoneRules {
        let (version, narrow) = try header()
        guard version > 1 else { return try block(narrow, .narrow).finished(footer: nil) }
        _ = try take(narrow.bytes(.narrow))
        let (_, wide) = try header()
        let block = try block(wide, .wide)
        return block.finished(footer: try footer())
    }

    private mutating func header() throws(ZoneFileError) -> (version: Int, counts: Counts) {
        let magic = rest.prefix(4)
        guard magic.elementsEqual("TZif".utf8) else { throw magic.count < 4 ? .cutShort : .noZoneFile }
        rest = rest.dropFirst(4)
        let version = try take(16)
        let counts = Counts(
            utIndicators: try count(), standardIndicators: try count(), leapSeconds: try count(), changes: try count(),
            types: try count(), characters: try count())
        guard counts.leapSeconds == 0 else { throw .leapSeconds }
        return (try Self.number(of: version[version.startIndex]), counts)
    }

    private static func number(of byte: UInt8) throws(ZoneFileError) -> Int {
        switch byte {
        case 0: 1
        case UInt8(ascii: "2")...UInt8(ascii: "4"): Int(byte - UInt8(ascii: "0"))
        default: throw .unknownVersion(byte)
        }
    }

    private mutating func block(_ counts: Counts, _ width: Width) throws(ZoneFileError) -> Block {
        try Self.check(counts)
        guard counts.bytes(width) <= rest.count else { throw .cutShort }
        let times = try take(counts.changes * width.rawValue)
        let indices = try take(counts.changes)
        let types = try Self.offsets(try take(counts.types * 6), characters: counts.characters)
        _ = try take(counts.characters + counts.standardIndicators + counts.utIndicators)
        return Block(earliest: types[0], changes: try Self.changes(times, width, indices, types))
    }

    /// At least one type, so that there is a first.
    private static func check(_ counts: Counts) throws(ZoneFileError) {
        guard (1...256).contains(counts.types) else { throw .wrongCount("local time types", counts.types) }
        guard counts.characters > 0 else { throw .wrongCount("characters of names", counts.characters) }
        for indicators in [counts.standardIndicators, counts.utIndicators] where indicators != 0 && indicators != counts.types {
            throw .wrongCount("indicators for \(counts.types) local time types", indicators)
        }
    }

    /// Of each type: what is added to UTC (4 bytes), whether that is summer time, and where its name begins.
    private static func offsets(_ bytes: ArraySlice<UInt8>, characters: Int) throws(ZoneFileError) -> [Int64] {
        var offsets: [Int64] = []
        var rest = bytes
        while !rest.isEmpty {
            let type = Array(rest.prefix(6))
            rest = rest.dropFirst(6)
            let offset = signed(type[..<4])
            guard ZoneRules.offsets.contains(offset) else { throw .wrongType(offsets.count, "is \(offset) s off UTC") }
            guard type[4] <= 1 else { throw .wrongType(offsets.count, "is neither summer nor standard time") }
            guard type[5] < characters else { throw .wrongType(offsets.count, "has its name outside of the names") }
            offsets.append(offset)
        }
        return offsets
    }

    /// Earlier there is nothing: zic writes -2⁵⁹ for the beginning of time. Keeps sums with offsets far from overflow.
    private static let times: ClosedRange<Int64> = -(1 << 59)...(1 << 59)

    private static func changes(
        _ bytes: ArraySlice<UInt8>, _ width: Width, _ indices: ArraySlice<UInt8>, _ types: [Int64]
    ) throws(ZoneFileError) -> [ZoneRules.Change] {
        var changes: [ZoneRules.Change] = []
        changes.reserveCapacity(indices.count)
        var rest = bytes
        for index in indices {
            let time = signed(rest.prefix(width.rawValue))
            rest = rest.dropFirst(width.rawValue)
            guard times.contains(time) else { throw .wrongTransition(changes.count, "is at \(time) s, outside of all time") }
            if let last = changes.last, last.second >= time {
                throw .wrongTransition(changes.count, "is not after the one before")
            }
            guard index < types.count else { throw .wrongTransition(changes.count, "is to a type that is not there") }
            changes.append(ZoneRules.Change(second: time, offset: types[Int(index)]))
        }
        return changes
    }

    /// A line between two line ends; what follows is of later versions.
    private mutating func footer() throws(ZoneFileError) -> ZoneFooter? {
        let lineEnd = UInt8(ascii: "\n")
        let first = try take(1)
        guard first.first == lineEnd else { throw .wrongFooter("", "a line end is expected before it") }
        guard let end = rest.firstIndex(of: lineEnd) else { throw .cutShort }
        let line = rest[..<end]
        return line.isEmpty ? nil : try ZoneFooterParser.parse(line)
    }

    private mutating func count() throws(ZoneFileError) -> Int { try take(4).reduce(0) { $0 << 8 | Int($1) } }

    private mutating func take(_ count: Int) throws(ZoneFileError) -> ArraySlice<UInt8> {
        guard count <= rest.count else { throw .cutShort }
        defer { rest = rest.dropFirst(count) }
        return rest.prefix(count)
    }

    /// In two's complement, the highest byte first.
    private static func signed(_ bytes: some Collection<UInt8>) -> Int64 {
        let sign: Int64 = bytes.first.map { $0 >= 0x80 ? -1 : 0 } ?? 0
        return bytes.reduce(sign) { $0 << 8 | Int64($1) }
    }

    /// What a block holds.
    private struct Block {
        let earliest: Int64
        let changes: [ZoneRules.Change]

        func finished(footer: ZoneFooter?) -> ZoneRules { ZoneRules(earliest: earliest, changes: changes, footer: footer) }
    }
}
