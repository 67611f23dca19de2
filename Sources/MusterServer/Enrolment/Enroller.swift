import FoundationEssentials
import MusterModel
import MusterStore
import MusterTrust
import MusterWire
import NIOPosix

/// Enrols devices and renews their certificates: checks the request, makes the certificate, stores it, and only then gives it out.
struct Enroller: Sendable {
    enum Outcome: Sendable {
        /// `isNew` is false when it was answered before, or the key belongs to a known device.
        case enrolled(DeviceID, certificate: [UInt8], isNew: Bool)
        case refused(CloseReason, text: String)
    }

    let store: Store
    let directory: DeviceDirectory
    let feed: EventFeed
    let issuer: DeviceCertificateIssuer
    let pool: NIOThreadPool

    func enrol(_ request: Muster_V1_EnrolmentRequest, from address: String, now: Timestamp) async throws -> Outcome {
        guard let tokenID = EnrolmentTokenID(bytes: Array(request.tokenID)), request.tokenSecret.count == 32 else {
            return .refused(.tokenUnknown, text: "this is not an enrolment token")
        }
        guard let key = try? await checked(Array(request.certificateRequest)) else {
            return .refused(.badCertificateRequest, text: "the certificate request is damaged or not P-256")
        }
        let issuer = issuer
        let order = EnrolmentOrder(
            tokenID: tokenID, secretHash: Fingerprint(hashing: request.tokenSecret), publicKeyFingerprint: key.pin,
            proposedName: request.hostName.isEmpty ? "device" : request.hostName, address: address, now: now, device: .random(),
            make: { device in try NewCertificate(issuer.issue(key.der, to: device, now: now)) })
        switch try await store.enrol(order) {
        case .refused(let reason): return .refused(reason, text: "")
        case .enrolled(let device, let certificate, let isNew, let position):
            directory.enrolled(try await entry(of: device, certificate.record, address: address, now: now))
            if let position { feed.publish(position: position, count: 1) }
            return .enrolled(device, certificate: certificate.der, isNew: isNew)
        }
    }

    /// With the settings of its own that an installation package may have given it.
    private func entry(
        of device: DeviceID, _ certificate: CertificateRecord, address: String, now: Timestamp
    ) async throws -> DirectoryEntry {
        let record = try await store.fetchDevice(device)
        var entry = DirectoryEntry(id: device, name: record?.name ?? "", certificate: certificate, address: address, now: now)
        if let record { entry.takeSettings(record) }
        return entry
    }

    /// - Returns: the new certificate; the one made before when the same key asks again. Nil for a bad request.
    func renew(_ device: DeviceID, request: [UInt8], now: Timestamp) async throws -> [UInt8]? {
        guard let key = try? await checked(request) else { return nil }
        let made = try NewCertificate(issuer.issue(key.der, to: device, now: now))
        let stored = try await store.addCertificate(device: device, publicKeyFingerprint: key.pin, certificate: made)
        directory.certificateAdded(stored.record, to: device)
        return stored.der
    }

    /// Checking a signature takes 70 µs: off the event loop.
    private func checked(_ request: [UInt8]) async throws -> PublicKey {
        try await pool.runIfActive { try CertificateRequest(der: request).publicKey }
    }
}

extension DeviceCertificateIssuer {
    fileprivate func issue(_ publicKey: [UInt8], to device: DeviceID, now: Timestamp) throws(TrustError) -> CertificateFacts {
        try issue(publicKeyDER: publicKey, device: device, now: now, lifetime: RenewalRule.lifetime)
    }
}

extension NewCertificate {
    init(_ facts: CertificateFacts) {
        self.init(fingerprint: facts.fingerprint, der: facts.der, notBefore: facts.notBefore, notAfter: facts.notAfter)
    }
}
