import FoundationEssentials
import MusterFuzz
import Testing

/// The committed inputs and the crashes once found, without libFuzzer; and a little fuzzing of its own.
@Suite("Fuzz targets")
struct ReplayTests {
    private static let folder = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../../Fuzz")
        .standardizedFileURL

    @Test("every committed input and every crash once found passes", arguments: FuzzTarget.allCases)
    func committed(target: FuzzTarget) throws {
        let corpus = try inputs("Corpus/\(target.rawValue)")
        #expect(!corpus.isEmpty)
        for (name, bytes) in corpus + (try inputs("FailCases/\(target.rawValue)")) {
            #expect(throws: Never.self, "\(name)") { try target.run(bytes) }
        }
    }

    @Test("the committed inputs' truncations and changed bytes pass", arguments: FuzzTarget.allCases)
    func damaged(target: FuzzTarget) throws {
        for (name, bytes) in try inputs("Corpus/\(target.rawValue)") where bytes.count <= 1024 {
            for index in bytes.indices {
                var changed = bytes
                changed[index] = bytes[index] &* 31 &+ UInt8(truncatingIfNeeded: index) &+ 1
                #expect(throws: Never.self, "\(name), byte \(index)") { try target.run(changed) }
                #expect(throws: Never.self, "\(name), cut at \(index)") { try target.run(Array(bytes.prefix(index))) }
            }
        }
    }

    @Test("the committed inputs can still be made, and pass", arguments: FuzzTarget.allCases)
    func seeds(target: FuzzTarget) throws {
        let seeds = try #require(try Seeds.all()[target])
        for (name, bytes) in seeds { #expect(throws: Never.self, "\(name)") { try target.run(bytes) } }
        #expect(try Set(seeds.keys).isSubset(of: inputs("Corpus/\(target.rawValue)").map(\.name)))
    }

    /// Not a test unless asked: `MUSTER_WRITE_SEEDS=1 swift test --filter writeSeeds` writes `Fuzz/Corpus` anew.
    @Test("write the inputs", .enabled(if: ProcessInfo.processInfo.environment["MUSTER_WRITE_SEEDS"] != nil))
    func writeSeeds() throws {
        for (target, seeds) in try Seeds.all() {
            let folder = Self.folder.appending(path: "Corpus/\(target.rawValue)")
            try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
            for (name, bytes) in seeds { try Data(bytes).write(to: folder.appending(path: name)) }
        }
    }

    private func inputs(_ path: String) throws -> [(name: String, bytes: [UInt8])] {
        let folder = Self.folder.appending(path: path)
        let names = (try? FileManager.default.contentsOfDirectory(atPath: folder.path)) ?? []
        return try names.filter { !$0.hasPrefix(".") }.sorted().map {
            (name: $0, bytes: Array(try Data(contentsOf: folder.appending(path: $0))))
        }
    }
}
