import MusterModel

@testable import MusterTrust

/// 2026-11-24T14:30:00.250Z: fractions of a second must not matter.
let noon = Timestamp(milliseconds: 1_795_530_600_250)

/// A repeatable source of "random" ids.
struct Counter: RandomNumberGenerator {
    var value: UInt64 = 0
    mutating func next() -> UInt64 {
        value = value &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        return value
    }
}

func device(_ number: UInt64 = 1) -> DeviceID {
    var generator = Counter(value: number)
    return .random(using: &generator)
}

/// The code of the error thrown, if one was.
func code<Value>(of body: () throws(TrustError) -> Value) -> TrustError.Code? {
    do {
        _ = try body()
        return nil
    } catch {
        return error.code
    }
}
