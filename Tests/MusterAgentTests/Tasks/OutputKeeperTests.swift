import MusterModel
import Testing

@testable import MusterAgent

@Suite("What is kept of a run's output")
struct OutputKeeperTests {
    private func bytes(_ count: Int, from first: Int = 0) -> [UInt8] {
        (first..<first + count).map { UInt8(truncatingIfNeeded: $0 / 7) }
    }

    @Test(
        "all of it up to 64 KiB, then the beginning and the end",
        arguments: [0, 1, 16_383, 16_384, 16_385, 65_536, 65_537, 200_000])
    func keptWhole(count: Int) {
        let all = bytes(count)
        for piece in [1, 7, 8192, 1_000_000] where count / piece < 70_000 {
            var keeper = OutputKeeper()
            var rest = all[...]
            while !rest.isEmpty {
                keeper.append(rest.prefix(piece))
                rest = rest.dropFirst(piece)
            }
            let output = keeper.output
            #expect(output.total == Int64(count))
            if count <= RunOutput.maximumBytes {
                #expect(output.bytes == all && output.cut == nil)
            } else {
                #expect(output.cut == RunOutput.maximumHead && output.bytes.count == RunOutput.maximumBytes)
                #expect(output.bytes.prefix(RunOutput.maximumHead).elementsEqual(all.prefix(RunOutput.maximumHead)))
                #expect(output.bytes.suffix(RunOutput.maximumTail).elementsEqual(all.suffix(RunOutput.maximumTail)))
            }
            #expect(OutputKeeper.output(of: keeper.file) == (count == 0 ? nil : output))
        }
    }

    @Test("a file that is none")
    func damagedFile() {
        #expect(OutputKeeper.output(of: []) == nil && OutputKeeper.output(of: [1, 2, 3]) == nil)
        let odd = OutputKeeper.output(of: [UInt8](repeating: 255, count: 100))
        #expect(odd?.total == 92 && odd?.cut == nil)
    }
}
