import MusterModel
import MusterStore
import MusterTrust

/// Whether a certificate may be taken in again that this server signed and its database does not know: the database was put back to a
/// copy made before the device renewed. Without it such a device would be locked out until a person enrols it anew.
///
/// It must be younger than every certificate the device was seen with: else whoever kept an old one could supersede the device's own.
struct LostCertificate: Sendable {
    /// Whose signature was checked.
    let certificate: CertificateFacts
    let device: DeviceID

    /// Nil: it may, as the device's newest generation.
    func refusal(beside known: [CertificateRecord], now: Timestamp) -> CloseReason? {
        if known.contains(where: \.revoked) { return .deviceRevoked }
        let newestUsed = known.filter(\.used).map(\.notBefore).max()
        if let newestUsed, certificate.notBefore <= newestUsed { return .certificateSuperseded }
        guard case .refused(let reason) = rule(generation: Self.generation(after: known)).verdict(now: now) else { return nil }
        return reason
    }

    /// What is said with a refusal.
    func advice(_ reason: CloseReason) -> String {
        switch reason {
        case .certificateSuperseded:
            "a certificate of this device was used that was issued later; this one is not in the server's database any more"
        case .deviceDeleted: "this device was removed from the server; enrol it again"
        default: rule(generation: 0).advice(reason)
        }
    }

    private func rule(generation: Int64) -> RenewalRule {
        RenewalRule(
            device: device, generation: generation, notBefore: certificate.notBefore, notAfter: certificate.notAfter,
            isRevoked: false)
    }

    private static func generation(after known: [CertificateRecord]) -> Int64 { (known.map(\.generation).max() ?? 0) + 1 }
}
