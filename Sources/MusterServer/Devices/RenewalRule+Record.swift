import MusterModel
import MusterStore
import MusterTrust

extension RenewalRule {
    init(_ certificate: CertificateRecord, of device: DeviceID) {
        self.init(
            device: device, generation: certificate.generation, notBefore: certificate.notBefore, notAfter: certificate.notAfter,
            isRevoked: certificate.revoked)
    }

    /// What the device's owner is to do, in English: it travels with the refusal.
    func advice(_ reason: CloseReason) -> String {
        switch reason {
        case .certificateExpired:
            """
            this device's certificate ended on \(notAfter) and could be renewed until \(notAfter + Self.grace): \
            enrol this device anew (muster-agent enrol, with a new enrolment token)
            """
        case .deviceRevoked: "this device's certificate was revoked on the server; enrol it anew if it is to be served"
        default: ""
        }
    }
}
