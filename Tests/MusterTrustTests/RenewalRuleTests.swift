import MusterModel
import Testing

@testable import MusterTrust

@Suite("Renewal of device certificates")
struct RenewalRuleTests {
    /// A certificate of the usual 90 days made at `noon`.
    private func rule(_ number: UInt64 = 1, generation: Int64 = 1, isRevoked: Bool = false) -> RenewalRule {
        let validity = Validity(now: noon, lifetime: RenewalRule.lifetime)
        return RenewalRule(
            device: device(number), generation: generation, notBefore: validity.notBefore, notAfter: validity.notAfter,
            isRevoked: isRevoked)
    }

    @Test(
        "a certificate's life, day by day from its making",
        arguments: [
            (-400, .current), (0, .current), (1, .current), (29, .current),
            (35, .due), (89, .due),
            (91, .onlyRenewal), (399, .onlyRenewal), (489, .onlyRenewal),
            (491, .refused(.certificateExpired)), (500, .refused(.certificateExpired)), (5000, .refused(.certificateExpired)),
        ] as [(Int64, RenewalRule.Verdict)])
    func life(day: Int64, verdict: RenewalRule.Verdict) {
        #expect(rule().verdict(now: noon + .days(day)) == verdict)
    }

    @Test("the edges, to the millisecond")
    func edges() {
        let rule = rule()
        let moment = Duration.milliseconds(1)
        #expect(rule.verdict(now: rule.due - moment) == .current)
        #expect(rule.verdict(now: rule.due) == .due)
        #expect(rule.verdict(now: rule.notAfter) == .due)
        #expect(rule.verdict(now: rule.notAfter + moment) == .onlyRenewal)
        #expect(rule.verdict(now: rule.notAfter + .days(400)) == .onlyRenewal)
        #expect(rule.verdict(now: rule.notAfter + .days(400) + moment) == .refused(.certificateExpired))
    }

    @Test("a revoked one is refused at every age", arguments: [0, 40, 100, 1000] as [Int64])
    func revoked(day: Int64) {
        #expect(rule(isRevoked: true).verdict(now: noon + .days(day)) == .refused(.deviceRevoked))
    }

    @Test("devices made together are due spread over days 30 to 35, each always at the same time")
    func jitter() {
        var days = [Int](repeating: 0, count: 5)
        for number in 0..<1000 as Range<UInt64> {
            let offset = rule(number).due - (rule().notBefore + .days(31))
            #expect(offset >= .zero && offset < .days(5))
            #expect(rule(number).due == rule(number).due)
            days[min(4, Int(offset.milliseconds / 86_400_000))] += 1
        }
        #expect(days.allSatisfy { (140...260).contains($0) })
        #expect(rule(generation: 1).due != rule(generation: 2).due)
    }

    @Test("damaged dates make no trap")
    func damaged() {
        for (before, after) in [(Int64.min, Int64.max), (.max, .min), (0, 0), (.max, .max), (.min, .min)] {
            let rule = RenewalRule(
                device: device(), generation: .min, notBefore: Timestamp(milliseconds: before),
                notAfter: Timestamp(milliseconds: after), isRevoked: false)
            for now in [Int64.min, 0, .max] { _ = rule.verdict(now: Timestamp(milliseconds: now)) }
        }
    }
}
