import MusterModel
import MusterStore
import MusterTrust
import MusterWire
import NIOPosix

/// Looks closer at certificates that are not in memory: a stranger's is refused, one that this server issued and its database lost is
/// taken in again, stored before the device is served.
///
/// A stranger gets it to read one certificate (16 KiB at most) and check one signature, 0.1 ms on the pool's threads, after a TLS handshake
/// that cost several times as much, and within the sessions its address may open.
struct LostCertificates: Sendable {
    let store: Store
    let directory: DeviceDirectory
    let feed: EventFeed
    let rollBack: ServerRollBack
    let issuer: DeviceCertificateIssuer
    let pool: NIOThreadPool

    /// - Parameters:
    ///   - session: the number of the device's last one, as it says.
    ///   - isProbe: says what would be said, and takes nothing in.
    /// - Returns: `known` or `refused`.
    func judge(
        _ der: [UInt8], session: UInt64, from address: String, isProbe: Bool = false, now: Timestamp
    ) async throws -> CertificateVerdict {
        guard let certificate = try await signed(der) else {
            return .refused(.unknownCertificate, text: "not issued by this server", device: nil)
        }
        guard let device = DeviceID(certificate.subject), let entry = directory.entry(device) else {
            return .refused(.unknownCertificate, text: Self.enrolledLater, device: nil)
        }
        let lost = LostCertificate(certificate: certificate, device: device)
        if entry.isDeleted { return .refused(.deviceDeleted, text: lost.advice(.deviceDeleted), device: device) }
        if let reason = lost.refusal(beside: entry.certificates, now: now) {
            return .refused(reason, text: lost.advice(reason), device: device)
        }
        guard !isProbe else {
            let fingerprint = Fingerprint(hashing: der)
            return .known(KnownDevice(id: device, certificate: fingerprint, renewal: .none, isFirstUse: false))
        }
        // Said first: positions of events leap with it, so that who followed the newer state sees the event about the certificate too.
        if let known = directory.highestSession(of: entry), session > known {
            try await rollBack.noticed(by: device, session: session, known: known, now: now)
        }
        return try await takeIn(lost, from: address, now: now)
    }

    private static let enrolledLater = """
        issued by this server to a device that is not in its database: was a copy put back that is older than the enrolment? \
        Enrol this device anew
        """

    /// Off the event loop: reading and checking take 0.1 ms.
    private func signed(_ der: [UInt8]) async throws -> CertificateFacts? {
        let issuer = issuer
        return try await pool.runIfActive {
            guard let facts = try? CertificateFacts(der: der), issuer.hasIssued(der) else { return nil }
            return facts
        }
    }

    private func takeIn(_ lost: LostCertificate, from address: String, now: Timestamp) async throws -> CertificateVerdict {
        let order = RestorationOrder(
            device: lost.device, publicKeyFingerprint: lost.certificate.pin, certificate: NewCertificate(lost.certificate),
            address: address, now: now, refusal: { lost.refusal(beside: $0, now: now) })
        switch try await store.restoreCertificate(order) {
        case .refused(let reason): return .refused(reason, text: lost.advice(reason), device: lost.device)
        case .restored(let record, let position):
            directory.certificateAdded(record, to: lost.device)
            if let position { feed.publish(position: position, count: 1) }
            return directory.judge(certificate: lost.certificate.der, now: now)
        }
    }
}
