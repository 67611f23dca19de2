import Foundation
import MusterModel
import MusterTestKit
import MusterTrust
import MusterWire
import NIOSSL

/// A device of the test's own: a key and the certificate it got, and connections that say what the test wants.
struct RawDevice: Sendable {
    let server: TestServer
    let key: PrivateKey
    let certificate: [UInt8]
    /// Nil for one that was never enrolled.
    let id: DeviceID?

    /// Enrols.
    init(enrollingAt server: TestServer) async throws {
        let key = PrivateKey.generate()
        let token = try EnrolmentTokenText(try await server.makeTokenText())
        let connection = try await Self.enrolment(at: server)
        try connection.send(.enrolment(try Self.request(token, key)))
        guard case .enrolled(let enrolled) = try await connection.next() else {
            throw FixtureError(description: "the device was not enrolled")
        }
        self.init(server: server, key: key, certificate: Array(enrolled.certificate), id: DeviceID(bytes: enrolled.device))
    }

    init(server: TestServer, key: PrivateKey, certificate: [UInt8], id: DeviceID?) {
        self.server = server
        self.key = key
        self.certificate = certificate
        self.id = id
    }

    /// A device with a certificate nobody issued.
    static func stranger(at server: TestServer) throws -> RawDevice {
        let key = PrivateKey.generate()
        let certificate = try ServerCertificate.make(key: key, now: .now(), lifetime: .days(1))
        return RawDevice(server: server, key: key, certificate: certificate, id: nil)
    }

    // MARK: Enrolment

    static func enrolment(at server: TestServer, from source: String? = nil) async throws -> RawConnection {
        try await .tls(to: server, .agent([ProtocolVersion.enrolmentALPN]), from: source)
    }

    static func request(_ token: EnrolmentTokenText, _ key: PrivateKey = .generate()) throws -> Muster_V1_EnrolmentRequest {
        var request = Muster_V1_EnrolmentRequest()
        request.version = ProtocolVersion.major
        request.tokenID = Data(token.id.bytes)
        request.tokenSecret = Data(token.secret.bytes)
        request.certificateRequest = Data(try CertificateRequest(key: key).der)
        request.hostName = "raw"
        return request
    }

    // MARK: Sessions

    /// TLS is up, nothing is said.
    func connection() async throws -> RawConnection {
        try await .tls(to: server, .agent([ProtocolVersion.sessionALPN], certificate: certificate, key: key))
    }

    /// Hello was said.
    func greeting(_ change: (inout Muster_V1_Hello) -> Void = { _ in }) async throws -> RawConnection {
        let connection = try await connection()
        var hello = Self.hello()
        change(&hello)
        try connection.send(.hello(hello))
        return connection
    }

    /// Welcome has come: the server wants all three documents.
    func session() async throws -> RawConnection {
        let connection = try await greeting()
        guard case .welcome(let welcome) = try await connection.next(), welcome.plan.wanted.count == DocumentName.reported.count
        else {
            throw FixtureError(description: "no Welcome that wants documents")
        }
        return connection
    }

    /// A session in which the certificate is renewed, as it is due.
    /// - Returns: the same device with the new key and certificate.
    func renewed() async throws -> RawDevice {
        let connection = try await greeting()
        let key = PrivateKey.generate()
        var request = Muster_V1_RenewalRequest()
        request.certificateRequest = Data(try CertificateRequest(key: key).der)
        try connection.send(.renewal(request))
        while let message = try await connection.next() {
            guard case .certificate(let issued) = message else { continue }
            return RawDevice(server: server, key: key, certificate: Array(issued.certificate), id: id)
        }
        throw FixtureError(description: "no certificate came")
    }

    /// As from a device whose documents the server does not have.
    static func hello() -> Muster_V1_Hello {
        var hello = Muster_V1_Hello()
        hello.version = ProtocolVersion.major
        hello.features = FeatureSet.own.message
        hello.runID = .random(in: 1 ... .max)
        hello.reportedRoot = Data(repeating: 1, count: 16)
        hello.heldRoot = Data(repeating: 2, count: 16)
        hello.digests.reported = DocumentName.reported.map { name in
            var digest = Muster_V1_DocumentDigest()
            digest.document = name.rawValue
            digest.digest = Data(repeating: 3, count: 16)
            return digest
        }
        hello.events.epoch = .random(in: 1 ... .max)
        hello.events.firstHeld = 1
        hello.events.next = 1
        return hello
    }
}

extension TestServer {
    /// Starts it with its wall clock put forward.
    func start(clockAhead time: Duration) async throws {
        let library = "LD_PRELOAD=\(ProgramPath.directory)/libMusterShiftedClock.so"
        try await start(under: ["env", library, "MUSTER_CLOCK_OFFSET=\(time.milliseconds / 1000)"])
    }

    /// The token itself.
    func makeTokenText(uses: Int = 1, expires: String = "1h") async throws -> String {
        let file = try await makeToken(uses: uses, expires: expires).tokenFile
        return try String(contentsOfFile: file, encoding: .utf8).trimmingCharacters(in: .whitespacesAndNewlines)
    }
}
