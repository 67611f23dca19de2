import MusterModel
import Testing

@testable import MusterServer

@Suite("The pace of accepting connections")
struct AdmissionPaceTests {
    private let start = Timestamp(milliseconds: 1_795_530_600_250)

    @Test("while few handshakes are under way, the next comes at once and costs nothing")
    func handshakes() {
        var pace = AdmissionPace(handshakes: 3, rate: 1, burst: 1, now: start)
        for _ in 0..<1000 {
            #expect(pace.wait(underWay: 2, now: start) == .zero)
            pace.accepted(underWay: 2, now: start)
        }
        // Whoever says nothing keeps its place: then the bucket lets one in, and the next in a second.
        #expect(pace.wait(underWay: 3, now: start) == .zero)
        pace.accepted(underWay: 3, now: start)
        #expect(pace.wait(underWay: 4, now: start) == AdmissionPace.look)
        #expect(pace.wait(underWay: 4, now: start + .milliseconds(990)) > .zero)
        #expect(pace.wait(underWay: 4, now: start + .milliseconds(1001)) == .zero)
        // One has ended.
        #expect(pace.wait(underWay: 2, now: start) == .zero)
    }

    @Test("what one read took beyond the burst is paid before the next")
    func owed() {
        var pace = AdmissionPace(handshakes: 0, rate: 1, burst: 2, now: start)
        #expect(pace.wait(underWay: 0, now: start) == .zero)
        for underWay in 0..<5 { pace.accepted(underWay: underWay, now: start) }
        for second in 0..<4 { #expect(pace.wait(underWay: 5, now: start + .seconds(second)) > .zero, "\(second)") }
        #expect(pace.wait(underWay: 5, now: start + .seconds(4)) == .zero)
    }

    @Test(
        "past them the rate holds for whoever takes 16 whenever it may",
        arguments: [(1, 1), (10, 100), (400, 1000)] as [(Double, Double)])
    func rate(rate: Double, burst: Double) {
        var pace = AdmissionPace(handshakes: 128, rate: rate, burst: burst, now: start)
        let end = start + .seconds(200)
        var (now, count) = (start, 0)
        while now < end {
            let wait = pace.wait(underWay: 200, now: now)
            now = now + wait
            guard wait == .zero else { continue }
            for _ in 0..<16 { pace.accepted(underWay: 200, now: now) }
            count += 16
        }
        #expect(Double(count) <= burst + rate * 200 + 16)
        #expect(Double(count) >= rate * 200)
    }
}
