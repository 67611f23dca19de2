package import MusterModel

/// Who this device is to its server: what enrolment gave it.
package struct Identity: Hashable, Sendable {
    package var device: DeviceID
    /// The device's private key (P-256, PEM). It never leaves the device.
    package var keyPEM: String
    /// The certificate the server issued for that key.
    package var certificateDER: [UInt8]

    package init(device: DeviceID, keyPEM: String, certificateDER: [UInt8]) {
        self.device = device
        self.keyPEM = keyPEM
        self.certificateDER = certificateDER
    }
}

/// What enrolment gives, stored as one: identity, whom to trust, where to connect.
package struct Enrolment: Hashable, Sendable {
    package var identity: Identity
    /// Every key the server may use; never empty.
    package var pins: [Fingerprint]
    /// In order of preference; never empty.
    package var servers: [ServerAddress]
    package var proxy: ProxyAddress?
    /// Where shutdown notices go; nil: where the server says.
    package var noticePort: UInt16?
    package var serverCertificateDER: [UInt8]?

    package init(
        identity: Identity, pins: [Fingerprint], servers: [ServerAddress], proxy: ProxyAddress? = nil,
        noticePort: UInt16? = nil, serverCertificateDER: [UInt8]? = nil
    ) {
        self.identity = identity
        self.pins = pins
        self.servers = servers
        self.proxy = proxy
        self.noticePort = noticePort
        self.serverCertificateDER = serverCertificateDER
    }
}
