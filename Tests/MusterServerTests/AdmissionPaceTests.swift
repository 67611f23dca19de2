import MusterModel
import Testing

@testable import MusterServer

@Suite("The pace of accepting connections")
struct AdmissionPaceTests {
    private let start = Timestamp(milliseconds: 1_795_530_600_250)

    @Test("what one read took beyond the burst is paid before the next")
    func owed() {
        var pace = AdmissionPace(rate: 1, burst: 2, now: start)
        #expect(pace.wait(now: start) == .zero)
        for _ in 0..<5 { pace.accepted(now: start) }
        for second in 0..<4 { #expect(pace.wait(now: start + .seconds(second)) == .seconds(1), "\(second)") }
        #expect(pace.wait(now: start + .seconds(4)) == .zero)
    }

    @Test(
        "the rate holds for whoever takes 16 whenever it may",
        arguments: [(1, 1), (10, 100), (400, 1000)] as [(Double, Double)])
    func rate(rate: Double, burst: Double) {
        var pace = AdmissionPace(rate: rate, burst: burst, now: start)
        let end = start + .seconds(200)
        var (now, count) = (start, 0)
        while now < end {
            let wait = pace.wait(now: now)
            now = now + wait
            guard wait == .zero else { continue }
            for _ in 0..<16 { pace.accepted(now: now) }
            count += 16
        }
        #expect(Double(count) <= burst + rate * 200 + 16)
        #expect(Double(count) >= rate * 200)
    }
}
