import MusterModel
import MusterStore
import MusterTestKit
import MusterTrust

@testable import MusterServer

extension ServerSite {
    /// Enrols devices that exist in the database alone.
    /// - Returns: their certificates.
    func enrolFleet(of count: Int) async throws -> [[UInt8]] {
        let (issuer, now) = (try identity.issuer, clock.now)
        return try await withStore { store in
            let token = EnrolmentTokenText(id: .random(), secret: .random())
            try await store.createEnrolmentToken(
                EnrolmentTokenRecord(id: token.id, name: "test", created: now, expires: now + .days(1), maximumUses: nil),
                secretHash: token.hash, principal: Self.principal)
            var certificates: [[UInt8]] = []
            for _ in 0..<count {
                let key = PrivateKey.generate()
                let order = EnrolmentOrder(
                    tokenID: token.id, secretHash: token.hash, publicKeyFingerprint: key.pin, proposedName: "fleet",
                    address: "127.0.0.1", now: now, device: .random(),
                    make: { device in
                        NewCertificate(
                            try issuer.issue(
                                publicKeyDER: key.publicKeyDER, device: device, now: now, lifetime: RenewalRule.lifetime))
                    })
                guard case .enrolled(_, let certificate, _, _) = try await store.enrol(order) else {
                    throw FixtureError(description: "not enrolled")
                }
                certificates.append(certificate.der)
            }
            return certificates
        }
    }
}
