import MusterModel
import MusterStore
import MusterTrust
import Testing

@testable import MusterServer

@Suite("Whether a lost certificate is taken in")
struct LostCertificateTests {
    private let device = DeviceID.random()
    private let now = Scene.firstDay

    private func lost(made: Timestamp) throws -> LostCertificate {
        let issuer = DeviceCertificateIssuer(key: .generate())
        let key = PrivateKey.generate()
        return LostCertificate(
            certificate: try issuer.issue(
                publicKeyDER: key.publicKeyDER, device: device, now: made, lifetime: RenewalRule.lifetime),
            device: device)
    }

    private func known(_ generation: Int64, made: Timestamp, used: Bool = true, revoked: Bool = false) throws -> CertificateRecord
    {
        let facts = try lost(made: made).certificate
        return CertificateRecord(
            fingerprint: facts.fingerprint, publicKeyFingerprint: facts.pin, generation: generation, notBefore: facts.notBefore,
            notAfter: facts.notAfter, used: used, revoked: revoked)
    }

    @Test func theYoungestIs() throws {
        let lost = try lost(made: now)
        #expect(lost.refusal(beside: [], now: now) == nil)
        #expect(lost.refusal(beside: [try known(1, made: now - .days(30))], now: now) == nil)
        #expect(lost.refusal(beside: [try known(1, made: now + .days(1), used: false)], now: now) == nil)
    }

    @Test func oneNoYoungerThanWhatWasUsedIsNot() throws {
        let lost = try lost(made: now)
        for later in [Duration.zero, .seconds(1), .days(400)] {
            let known = [try known(1, made: now - .days(90)), try known(2, made: now + later)]
            #expect(lost.refusal(beside: known, now: now) == .certificateSuperseded)
        }
    }

    @Test func noneOfARevokedDevice() throws {
        let known = [try known(1, made: now - .days(30), revoked: true)]
        #expect(try lost(made: now).refusal(beside: known, now: now) == .deviceRevoked)
    }

    @Test(arguments: [(0, nil), (100, nil), (489, nil), (491, .certificateExpired)] as [(Int64, CloseReason?)])
    func itsDatesCountAsAnyOnes(days: Int64, refusal: CloseReason?) throws {
        #expect(try lost(made: now).refusal(beside: [], now: now + .days(days)) == refusal)
    }

    @Test func oneFromAClockAheadIs() throws {
        #expect(try lost(made: now + .days(1000)).refusal(beside: [try known(1, made: now)], now: now) == nil)
    }
}
