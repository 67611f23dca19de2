import Testing

@testable import MusterModel

@Suite("Files of time zone rules")
struct ZoneFileTests {
    @Test("before the first transition its first type holds, then each transition's, then the rule at the end")
    func offsets() throws {
        var file = ZoneFileBytes()
        file.types = [(5040, 0, 0), (3600, 0, 0), (7200, 1, 0)]
        file.transitions = [(-1000, 1), (1000, 2), (2000, 1)]
        file.footer = "XXX-4"
        let zone = try file.rules()
        let at: [Int64] = [-1001, -1000, 999, 1000, 1999, 2000, 9_000_000_000]
        #expect(at.map { zone.offset(atSecond: $0) } == [5040, 3600, 3600, 7200, 7200, 14_400, 14_400])
        #expect(at.map { zone.nextChange(afterSecond: $0) } == [-1000, 1000, 1000, 2000, 2000, nil, nil])
    }

    @Test("without a rule at the end, the last transition's type holds for ever")
    func noFooter() throws {
        var file = ZoneFileBytes()
        file.types = [(0, 0, 0), (-10_800, 0, 0)]
        file.transitions = [(0, 1)]
        file.footer = ""
        #expect(try file.rules().offset(atSecond: 9_000_000_000) == -10_800)
    }

    @Test("every version is read, times before 1901 from the second on", arguments: [nil, "2", "3", "4"] as [Character?])
    func versions(version: Character?) throws {
        var file = ZoneFileBytes(version: version)
        file.types = [(0, 0, 0), (-4, 0, 3)]
        file.transitions = version == nil ? [(-5, 1)] : [(-3_000_000_000, 1)]
        file.footer = ""
        let zone = try file.rules()
        #expect(zone.offset(atSecond: 0) == -4 && zone.offset(atSecond: -4_000_000_000) == 0)
    }

    @Test("indicators are skipped, and what later versions append")
    func skipped() throws {
        var file = ZoneFileBytes()
        file.standardIndicators = 1
        file.utIndicators = 1
        #expect(try ZoneRules(file: file.bytes + Array("more".utf8)).offset(atSecond: 0) == 3600)
    }

    @Test("UTC is itself")
    func utc() {
        #expect(ZoneRules.utc.offset(at: Timestamp(milliseconds: .max)) == .zero)
        #expect(ZoneRules.utc.nextChange(afterSecond: 0) == nil)
    }

    private func refusal(_ change: (inout ZoneFileBytes) -> Void) -> ZoneFileError.Code? {
        var file = ZoneFileBytes()
        file.types = [(3600, 0, 0), (7200, 1, 0)]
        file.transitions = [(0, 1), (10, 0)]
        change(&file)
        return code(file.bytes)
    }

    private func code(_ bytes: [UInt8]) -> ZoneFileError.Code? {
        do throws(ZoneFileError) { _ = try ZoneRules(file: bytes) } catch {
            #expect(!error.reason.isEmpty && error.reason.utf8.count < 300)
            return error.code
        }
        return nil
    }

    @Test("what cannot be is refused, and says what it is")
    func refusals() {
        #expect(refusal { _ in } == nil)
        #expect(refusal { $0.version = "5" } == .unknownVersion)
        #expect(refusal { $0.leapSeconds = 27 } == .leapSeconds)
        #expect(refusal { $0.types = [] } == .wrongCount)
        #expect(refusal { $0.types = Array(repeating: (0, 0, 0), count: 257) } == .wrongCount)
        #expect(refusal { $0.types = Array(repeating: (0, 0, 0), count: 256) } == nil)
        #expect(refusal { $0.names = [] } == .wrongCount)
        #expect(refusal { $0.utIndicators = 1 } == .wrongCount)
        #expect(refusal { $0.standardIndicators = 3 } == .wrongCount)
        #expect(refusal { $0.types[0].offset = 93_600 } == .wrongType)
        #expect(refusal { $0.types[0].offset = .min } == .wrongType)
        #expect(refusal { $0.types[1].isSummer = 2 } == .wrongType)
        #expect(refusal { $0.types[1].name = 4 } == .wrongType)
        #expect(refusal { $0.transitions[1].second = 0 } == .wrongTransition)
        #expect(refusal { $0.transitions[1].type = 2 } == .wrongTransition)
        #expect(refusal { $0.transitions[0].second = .min } == .wrongTransition)
        #expect(refusal { $0.footer = "CET" } == .wrongFooter)
        #expect(code([]) == .cutShort && code(Array("TZi".utf8)) == .cutShort)
        #expect(code(Array("#!/bin/sh\nexit 0\n".utf8)) == .noZoneFile)
    }

    @Test("a file is as large as allowed, not larger")
    func size() {
        let file = ZoneFileBytes().bytes
        let padding = [UInt8](repeating: 0, count: ZoneRules.maximumBytes - file.count)
        #expect(code(file + padding) == nil)
        #expect(code(file + padding + [0]) == .tooLarge)
    }

    @Test("counts beyond the bytes that are there take no memory")
    func counts() {
        for field in 20..<44 {
            var bytes = ZoneFileBytes(version: nil).bytes
            bytes[field] = 0xff
            #expect(code(bytes) != nil, "byte \(field)")
        }
    }
}
