import MusterModel
import Testing

@testable import MusterSession

@Suite("Token buckets")
struct TokenBucketTests {
    @Test("a burst at once, then the rate")
    func rate() {
        var bucket = TokenBucket(rate: 10, burst: 3, now: noon)
        #expect((0..<4).map { _ in bucket.take(now: noon) } == [true, true, true, false])
        #expect(bucket.wait(now: noon) == .milliseconds(100))
        #expect(bucket.take(now: noon + .milliseconds(99)) == false)
        #expect(bucket.take(now: noon + .milliseconds(100)) == true)
        #expect(bucket.take(now: noon + .milliseconds(100)) == false)
        var taken = 0
        for step in 1...10_000 where bucket.take(now: noon + .milliseconds(100 + Int64(step))) { taken += 1 }
        #expect((99...100).contains(taken))
    }

    @Test("waiting fills it to the burst and no further")
    func full() {
        var bucket = TokenBucket(rate: 10, burst: 3, now: noon)
        #expect(bucket.isFull(now: noon))
        _ = bucket.take(now: noon)
        #expect(
            !bucket.isFull(now: noon) && !bucket.isFull(now: noon + .milliseconds(99))
                && bucket.isFull(now: noon + .milliseconds(100)))
        #expect((0..<4).map { _ in bucket.take(now: noon + .days(1)) } == [true, true, true, false])
    }

    @Test("a clock that jumps adds no more than a burst; one that goes back adds nothing")
    func jumps() {
        var bucket = TokenBucket(rate: 10, burst: 3, now: noon)
        for _ in 0..<3 { _ = bucket.take(now: noon) }
        #expect(bucket.take(now: noon - .days(1)) == false)
        #expect(bucket.wait(now: noon - .days(1)) == .milliseconds(100))
        #expect(bucket.take(now: Timestamp(milliseconds: .min)) == false)
        #expect((0..<4).map { _ in bucket.take(now: Timestamp(milliseconds: .max)) } == [true, true, true, false])
    }

    @Test("a rate of nothing refuses after the burst, for a day at a time")
    func nothing() {
        var bucket = TokenBucket(rate: 0, burst: 1, now: noon)
        #expect(bucket.take(now: noon) == true)
        #expect(bucket.take(now: noon + .days(9)) == false)
        #expect(bucket.wait(now: noon + .days(9)) == .days(1))
    }
}

@Suite("Limits per source")
struct SourceLimitsTests {
    @Test("each source has its own")
    func separate() {
        var limits = SourceLimits(rate: 1, burst: 2, now: noon)
        #expect((0..<3).map { _ in limits.take(from: "a", now: noon) } == [true, true, false])
        #expect(limits.take(from: "b", now: noon) == true)
        #expect(
            limits.isExhausted(for: "a", now: noon) && !limits.isExhausted(for: "b", now: noon)
                && !limits.isExhausted(for: "c", now: noon))
        #expect(limits.isExhausted(for: "a", now: noon + .seconds(1)) == false)
        #expect(limits.take(from: "a", now: noon + .seconds(1)) == true)
    }

    @Test("past the number of sources those who come new share one")
    func bounded() {
        var limits = SourceLimits(rate: 1, burst: 2, maximumSources: 3, now: noon)
        for source in ["a", "b", "c"] { #expect(limits.take(from: source, now: noon) == true) }
        #expect(["d", "e", "f"].map { limits.take(from: $0, now: noon) } == [true, true, false])
        #expect(limits.isExhausted(for: "g", now: noon) == true)
        #expect(limits.isExhausted(for: "a", now: noon) == false)
        #expect(limits.take(from: "a", now: noon) == true)
        #expect(limits.take(from: "a", now: noon) == false)
    }

    @Test("who is full again is forgotten for those who come new")
    func forgotten() {
        var limits = SourceLimits(rate: 1, burst: 2, maximumSources: 3, now: noon)
        for source in ["a", "b", "c"] { #expect(limits.take(from: source, now: noon) == true) }
        #expect(limits.take(from: "b", now: noon) == true)
        let later = noon + .seconds(1)
        // "a" and "c" are full again, "b" is not: two of its own, the third shared.
        #expect((0..<3).map { _ in limits.take(from: "d", now: later) } == [true, true, false])
        #expect((0..<3).map { _ in limits.take(from: "e", now: later) } == [true, true, false])
        #expect((0..<2).map { _ in limits.take(from: "b", now: later) } == [true, false])
    }

    @Test("a flood from a million addresses takes no more than the table")
    func flood() {
        var limits = SourceLimits(rate: 1, burst: 1, maximumSources: 1000, now: noon)
        var taken = 0
        for number in 0..<100_000 where limits.take(from: "\(number)", now: noon + .milliseconds(Int64(number / 1000))) {
            taken += 1
        }
        #expect((1000...1002).contains(taken))
    }
}

@Suite("Back-off")
struct BackOffTests {
    private func waits(_ reason: CloseReason, told: Duration? = nil, attempt: Int) -> [Duration] {
        (0..<200).map { seed in
            var generator = Seeded(UInt64(seed))
            var backOff = BackOff()
            var wait = Duration.zero
            for _ in 0..<attempt { wait = backOff.failed(reason, told: told, using: &generator) }
            return wait
        }
    }

    private func expect(
        _ waits: [Duration], within range: ClosedRange<Duration>, spread: Duration, _ location: SourceLocation = #_sourceLocation
    ) {
        #expect(waits.allSatisfy(range.contains), sourceLocation: location)
        let (least, most) = (waits.min() ?? .zero, waits.max() ?? .zero)
        #expect(most - least >= spread, sourceLocation: location)
    }

    @Test("unreachable: from nothing to a ceiling of 1 s that doubles to 60 s")
    func unreachable() {
        for (attempt, ceiling) in [(1, 1), (2, 2), (3, 4), (6, 32), (7, 60), (50, 60), (1000, 60)] as [(Int, Int64)] {
            expect(waits(.unreachable, attempt: attempt), within: .zero ... .seconds(ceiling), spread: .seconds(ceiling) * 0.9)
        }
    }

    @Test("refused: from half a ceiling of 10 s that doubles to an hour")
    func refused() {
        for reason in [CloseReason.deviceRevoked, .unknownCertificate, .serverKeyMismatch, .malformedFrame] {
            for (attempt, ceiling) in [(1, 10), (2, 20), (9, 2560), (10, 3600), (100, 3600)] as [(Int, Int64)] {
                expect(
                    waits(reason, attempt: attempt), within: .seconds(ceiling) / 2 ... .seconds(ceiling),
                    spread: .seconds(ceiling) * 0.4)
            }
        }
    }

    @Test("removed from the server: an hour and up to a tenth more, from the first time on")
    func removed() {
        for attempt in [1, 2, 50] {
            expect(waits(.deviceDeleted, attempt: attempt), within: .hours(1) ... .minutes(66), spread: .minutes(5))
        }
    }

    @Test("told: as told, and up to a tenth more; at most a day")
    func told() {
        expect(waits(.busy, told: .seconds(30), attempt: 1), within: .seconds(30) ... .seconds(33), spread: .seconds(2.5))
        expect(
            waits(.deviceDeleted, told: .seconds(30), attempt: 9), within: .seconds(30) ... .seconds(33), spread: .seconds(2.5))
        expect(waits(.busy, told: .milliseconds(Int64.max), attempt: 1), within: .hours(24) ... .hours(27), spread: .hours(2))
        expect(waits(.busy, told: .zero, attempt: 1), within: .zero ... .seconds(1), spread: .seconds(0.9))
        expect(waits(.busy, told: .seconds(-5), attempt: 1), within: .zero ... .seconds(1), spread: .seconds(0.9))
    }

    @Test("a success begins anew")
    func success() {
        var generator = Seeded(1)
        var backOff = BackOff()
        for _ in 0..<20 { _ = backOff.failed(.unreachable, told: nil, using: &generator) }
        #expect(backOff.attempts == 20)
        backOff.succeeded()
        #expect(backOff.attempts == 0)
        #expect(backOff.failed(.unreachable, told: nil, using: &generator) <= .seconds(1))
    }
}

@Suite("Slots of synchronizations")
struct SynchronizationSlotsTests {
    private func interval(_ duration: Duration) throws -> SyncInterval { try #require(SyncInterval(checking: duration)) }

    @Test("within a tenth of the interval, from the shortest to the longest")
    func range() throws {
        var generator = Seeded(1)
        var slots = SynchronizationSlots(now: noon)
        for duration in [Duration.minutes(1), .minutes(15), .hours(24)] {
            let interval = try interval(duration)
            var sum = Duration.zero
            for _ in 0..<1000 {
                let next = slots.next(after: interval, now: noon, using: &generator)
                #expect(next >= duration * 0.9 && next <= duration * 1.1)
                sum += next
            }
            #expect(sum / 1000 > duration * 0.98 && sum / 1000 < duration * 1.02)
        }
    }

    @Test("10,000 devices that came at once come evenly again, and stay so")
    func flat() throws {
        var generator = Seeded(2)
        // A whole second, as slots are.
        let noon = Timestamp(milliseconds: 1_795_530_600_000)
        var slots = SynchronizationSlots(now: noon)
        let interval = try interval(.minutes(15))
        var due: [Int64: Int] = [0: 10_000]
        var worst = [Int](repeating: 0, count: 20)
        for second in 0..<18_000 as Range<Int64> {
            guard let count = due.removeValue(forKey: second) else { continue }
            worst[Int(second / 900)] = max(worst[Int(second / 900)], count)
            let now = noon + .seconds(second)
            for _ in 0..<count {
                let next = now + slots.next(after: interval, now: now, using: &generator)
                due[(next - noon).milliseconds / 1000, default: 0] += 1
            }
        }
        // 11.1 a second on average. 10,000 in the 180 seconds that a tenth allows are 55.6 a second: no rule does better at first.
        #expect(worst[1] <= 62 && worst[7] <= 24, "\(worst)")
        #expect(worst.suffix(4).allSatisfy { $0 <= 17 }, "\(worst)")
    }

    @Test("a clock that jumps, forwards or back, breaks nothing")
    func jumps() throws {
        var generator = Seeded(3)
        var slots = SynchronizationSlots(now: noon)
        let interval = try interval(.hours(24))
        for now in [
            noon + .days(400), noon - .days(400), Timestamp(milliseconds: .max), Timestamp(milliseconds: .min), noon,
            Timestamp(milliseconds: -1),
        ] {
            let next = slots.next(after: interval, now: now, using: &generator)
            #expect(next >= .hours(21) && next <= .hours(27))
        }
    }
}
