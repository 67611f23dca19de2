import Glibc
import MusterFuzz

// The program `muster-fuzz`: libFuzzer's main, and the function it calls for each input. Built by scripts/fuzz.sh alone.

/// Named by the environment, because libFuzzer has the arguments to itself.
private let target: FuzzTarget = {
    guard let name = getenv("MUSTER_FUZZ_TARGET"), let target = FuzzTarget(rawValue: String(cString: name)) else {
        print("MUSTER_FUZZ_TARGET must be one of \(FuzzTarget.allCases.map(\.rawValue).joined(separator: ", "))")
        exit(64)
    }
    return target
}()

/// A violation ends the process as a trap does, so that libFuzzer keeps the input.
@_cdecl("LLVMFuzzerTestOneInput")
public func testOneInput(_ data: UnsafePointer<UInt8>?, _ size: Int) -> CInt {
    do {
        try target.run(Array(UnsafeBufferPointer(start: data, count: size)))
    } catch {
        print("\(target.rawValue): \(error)")
        abort()
    }
    return 0
}
