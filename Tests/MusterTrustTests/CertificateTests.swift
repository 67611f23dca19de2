import FoundationEssentials
import MusterModel
import Testing

@testable import MusterTrust

@Suite("Certificates")
struct CertificateTests {
    @Test("the server's certificate is small, dated and carries the pin")
    func server() throws {
        let key = PrivateKey.generate()
        let der = try ServerCertificate.make(key: key, now: noon, lifetime: .days(365))
        #expect(der.count <= 450)
        let facts = try CertificateFacts(der: der)
        #expect(facts.pin == key.pin)
        #expect(facts.fingerprint == Fingerprint(hashing: der))
        #expect(facts.subject == "Muster Administration Server")
        #expect(facts.notBefore.description == "2026-11-23T14:30:00.000Z")
        #expect(facts.notAfter.description == "2027-11-24T14:30:00.000Z")
    }

    @Test("it is renewed with the same key: another certificate, the same pin")
    func serverRenewal() throws {
        let key = PrivateKey.generate()
        let one = try CertificateFacts(der: ServerCertificate.make(key: key, now: noon, lifetime: .days(365)))
        let two = try CertificateFacts(der: ServerCertificate.make(key: key, now: noon, lifetime: .days(365)))
        #expect(one.pin == two.pin)
        #expect(one.fingerprint != two.fingerprint)
    }

    @Test("names and addresses go into it when given")
    func serverNames() throws {
        let key = PrivateKey.generate()
        let names = ["muster.example.com", "*.example.com", "localhost", "192.0.2.7", "2001:db8::1"]
        let der = try ServerCertificate.make(key: key, names: names, now: noon, lifetime: .days(365))
        #expect(der.count <= 520)
        #expect(der.contains("muster.example.com") && der.contains("*.example.com"))
        #expect(der.contains([0x87, 4, 192, 0, 2, 7]))
        #expect(ServerCertificate.isFor(names, der: der))
        for others in [[], Array(names.dropLast()), names + ["b"], ["a b"]] as [[String]] {
            #expect(!ServerCertificate.isFor(others, der: der), "\(others)")
        }
        #expect(!ServerCertificate.isFor([], der: [1, 2, 3]))
        let nameless = try ServerCertificate.make(key: key, now: noon, lifetime: .days(1))
        #expect(ServerCertificate.isFor([], der: nameless) && !ServerCertificate.isFor(["a"], der: nameless))
        let names16 = (1...16).map { "n\($0)" }
        #expect(ServerCertificate.accepts(names16) && !ServerCertificate.accepts(names16 + ["one-more"]))
        #expect(ServerCertificate.accepts([]) && !ServerCertificate.accepts(["a b"]))
    }

    @Test(
        "what is no name is refused",
        arguments: [
            "", ".", "a..b", "-a.example", "a b", "a\u{0}b", "żółw.example", "*", "a.*.b", String(repeating: "a", count: 64),
            String(repeating: "a.", count: 130) + "a",
        ])
    func badNames(_ name: String) {
        let key = PrivateKey.generate()
        #expect(
            code { () throws(TrustError) in
                try ServerCertificate.make(key: key, names: [name], now: noon, lifetime: .days(1))
            } == .badName)
    }

    @Test("a device's certificate is small, names the device, and only its issuer knows it")
    func deviceCertificate() throws {
        let issuer = DeviceCertificateIssuer(key: .generate())
        let key = PrivateKey.generate()
        let id = device()
        let facts = try issuer.issue(publicKeyDER: key.publicKeyDER, device: id, now: noon, lifetime: .days(90))
        #expect(facts.der.count <= 500)
        #expect(facts.subject == id.description)
        #expect(facts.pin == key.pin)
        #expect(facts.notAfter - facts.notBefore == .days(91))
        #expect(issuer.hasIssued(facts.der))
        #expect(!DeviceCertificateIssuer(key: .generate()).hasIssued(facts.der))
        #expect(!issuer.hasIssued(try ServerCertificate.make(key: .generate(), now: noon, lifetime: .days(1))))
        let again = try issuer.issue(publicKeyDER: key.publicKeyDER, device: id, now: noon, lifetime: .days(90))
        #expect(again.fingerprint != facts.fingerprint)
    }

    @Test("no bit of a device's certificate can be changed so that it says something else, and none of it traps")
    func changedBits() throws {
        let issuer = DeviceCertificateIssuer(key: .generate())
        let key = PrivateKey.generate()
        let facts = try issuer.issue(publicKeyDER: key.publicKeyDER, device: device(), now: noon, lifetime: .days(90))
        var accepted: Set<Int> = []
        for index in facts.der.indices {
            for bit in 0..<8 {
                var changed = facts.der
                changed[index] ^= 1 << UInt8(bit)
                let read = try? CertificateFacts(der: changed)
                #expect(read?.fingerprint != facts.fingerprint)
                guard issuer.hasIssued(changed) else { continue }
                #expect(read?.subject == facts.subject && read?.notAfter == facts.notAfter && read?.pin == facts.pin)
                accepted.insert(index)
            }
        }
        // A signature that ends in zero bits may call them padding: one byte, outside of what is signed.
        #expect(accepted.count <= 1)
    }

    @Test("no truncation of a certificate is one; neither are its bytes with more behind them")
    func truncations() throws {
        let der = try ServerCertificate.make(key: .generate(), names: ["localhost", "::1"], now: noon, lifetime: .days(1))
        for length in 0..<der.count {
            #expect(code { () throws(TrustError) in try CertificateFacts(der: Array(der.prefix(length))) } == .badCertificate)
        }
        #expect(code { () throws(TrustError) in try CertificateFacts(der: der + [0]) } == .badCertificate)
        #expect(
            code { () throws(TrustError) in try CertificateFacts(der: [UInt8](repeating: 0x30, count: 20_000)) }
                == .badCertificate)
        #expect(
            code { () throws(TrustError) in try CertificateFacts(der: [UInt8](repeating: 0x30, count: 16_000)) }
                == .badCertificate)
    }

    @Test("a certificate for another kind of key is refused by name")
    func foreignKey() throws {
        // openssl req -x509 -newkey ed25519 -subj /CN=x -nodes -days 3650 -outform DER | base64
        let text =
            "MIIBLDCB36ADAgECAhRqLPHNZcdsh4HXnzyOkH999IJJxDAFBgMrZXAwDDEKMAgGA1UEAwwBeDAeFw0yNjExMjQwODQ1MzFaFw0zNjExMjEwODQ1MzFaMAwxCjAIBgNVBAMMAXgwKjAFBgMrZXADIQCMWJibsP6mBlrLAaFYuHx3sqsGGUPI5MT8M9kB+2X48KNTMFEwHQYDVR0OBBYEFGYBMXJJkLAi1Sew82z0qSxZKpsoMB8GA1UdIwQYMBaAFGYBMXJJkLAi1Sew82z0qSxZKpsoMA8GA1UdEwEB/wQFMAMBAf8wBQYDK2VwA0EAdV1tV+UFWWcnZXKBB9q5DBwyAcK7GA3nmqAL/LrnBsbpScYn9HzDVJ/eqioO9h29JzlUKvLoWR8P+vCS8m20Bg=="
        let der = try #require(Data(base64Encoded: text))
        #expect(code { () throws(TrustError) in try CertificateFacts(der: Array(der)) } == .badCertificate)
    }

    @Test("lifetimes and clocks out of all bounds are clamped")
    func bounds() throws {
        let key = PrivateKey.generate()
        for (now, lifetime) in [
            (Timestamp(milliseconds: .max), Duration.days(1)), (Timestamp(milliseconds: .min), .days(1)),
            (noon, .seconds(Int64.max)), (noon, .seconds(-5)),
        ] {
            let facts = try CertificateFacts(der: ServerCertificate.make(key: key, now: now, lifetime: lifetime))
            #expect(facts.notBefore <= facts.notAfter)
        }
    }
}

extension [UInt8] {
    func contains(_ text: String) -> Bool { contains(Array(text.utf8)) }
    func contains(_ part: [UInt8]) -> Bool {
        count >= part.count && (0...(count - part.count)).contains { Array(self[$0..<($0 + part.count)]) == part }
    }
}
