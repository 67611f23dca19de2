package import MusterModel

/// Where the API listens, and its bounds.
package struct APIServerConfiguration: Sendable {
    /// An address of this machine, or `0.0.0.0` or `::` for all.
    package var host: String
    /// 0 takes a free one.
    package var port: Int
    /// The server's own certificate, leaf first, and the key it was made for.
    package var certificate: APICertificate
    /// Past it, connections wait in the backlog. Each costs about 60 KB with TLS: 512 are 30 MB.
    package var maximumConnections = 512
    package var backlog = 256
    /// A connection without a request in hand is closed after it; it bounds the TLS handshake and the sending of a request too.
    package var idleTimeout = Duration.seconds(60)
    /// How many follow events at a time.
    package var maximumFollowers = 100
    /// A follower hears something this often, so that both ends notice a dead connection.
    package var heartbeat = Duration.seconds(15)
    /// A follower that takes nothing for this long is closed; it comes back and resumes by position.
    package var followerTimeout = Duration.seconds(30)
    /// What installation packages are made of.
    package var packages = PackageSources()
    /// Of applications that can have tasks.
    package var manifests = ApplicationManifest.builtIn

    package init(host: String, port: Int, certificate: APICertificate) {
        self.host = host
        self.port = port
        self.certificate = certificate
    }
}

/// A certificate chain (DER, leaf first) and its private key (PEM).
package struct APICertificate: Sendable {
    package var chain: [[UInt8]]
    package var privateKeyPEM: String

    package init(chain: [[UInt8]], privateKeyPEM: String) {
        self.chain = chain
        self.privateKeyPEM = privateKeyPEM
    }
}
