import FoundationEssentials
import MusterModel
import Testing

@testable import MusterTrust

@Suite("Certificate requests")
struct CertificateRequestTests {
    // openssl req -new -key p256.pem -subj "/C=PL/O=Example/CN=a device that names itself" -outform DER | base64
    private static let foreign =
        "MIH/MIGmAgEAMEQxCzAJBgNVBAYTAlBMMRAwDgYDVQQKDAdFeGFtcGxlMSMwIQYDVQQDDBphIGRldmljZSB0aGF0IG5hbWVzIGl0c2VsZjBZMBMGByqGSM49AgEGCCqGSM49AwEHA0IABA0HGgshMdDMQi/826viN/R6sZCZrFgsnToQH49oA2DEIT7+LSffB8+xAH+blyzfdk8BRbtXYXArqEDfFdU24Z2gADAKBggqhkjOPQQDAgNIADBFAiAW4ZlaXCPRXZnoNx+7KMk1cKSiu/LyUycsfCObK8ht3AIhANPqAChB0HAdhVoJlsm9nOjxm6DtKMfK7tB1Z/uLRBHA"
    // The same with a P-384 key.
    private static let p384 =
        "MIIBAzCBiwIBADAMMQowCAYDVQQDDAF4MHYwEAYHKoZIzj0CAQYFK4EEACIDYgAE9lSa4ik1tiT2C+maZBJuWP8esk0RxMBy22V0EzeGjODRX/cpRUmmEQu0xhU2Q4sxCei/rYoOCUTZzCFBi76X8McOWrClZyppDvwS6zEysW+4Invv6T5SSEGTZgyrjA04oAAwCgYIKoZIzj0EAwIDZwAwZAIwPEeBQJGAcvNpQGS1qojpUUrhrN8YjWpmdCFuYUdiXKFfVDfnFwMWdDsU5VPqROs8AjAyqS6tLxEdi5QwObAHyp8s6L6olPTg8ZQ9XUOPqwH2xdaFKb0saXy6vIMAtUcTqLs="

    @Test("a request is small, and reading it gives the key it was made with")
    func roundTrip() throws {
        let key = PrivateKey.generate()
        let request = try CertificateRequest(key: key)
        #expect(request.der.count <= 260)
        let read = try CertificateRequest(der: request.der)
        #expect(read.publicKeyDER == key.publicKeyDER)
        #expect(read.publicKeyFingerprint == key.pin)
        #expect(read.der == request.der)
    }

    @Test("another maker's request is read; what it calls itself changes nothing")
    func foreign() throws {
        let der = try #require(Data(base64Encoded: Self.foreign))
        let request = try CertificateRequest(der: Array(der))
        #expect(request.publicKeyFingerprint.description == "637aea865081d91d4492db00bfcc0050c726796ba74a8aad9ce8510c51b20535")
        let issuer = DeviceCertificateIssuer(key: .generate())
        let facts = try issuer.issue(publicKeyDER: request.publicKeyDER, device: device(), now: noon, lifetime: .days(90))
        #expect(facts.subject == device().description)
    }

    @Test("other keys are refused")
    func otherKeys() throws {
        let der = try #require(Data(base64Encoded: Self.p384))
        #expect(code { () throws(TrustError) in try CertificateRequest(der: Array(der)) } == .badCertificateRequest)
    }

    @Test("no bit of a request can be changed so that it says something else, and none of it traps")
    func changedBits() throws {
        let key = PrivateKey.generate()
        let der = try CertificateRequest(key: key).der
        var accepted: Set<Int> = []
        for index in der.indices {
            for bit in 0..<8 {
                var changed = der
                changed[index] ^= 1 << UInt8(bit)
                guard let read = try? CertificateRequest(der: changed) else { continue }
                #expect(read.publicKey == key.publicKey)
                accepted.insert(index)
            }
        }
        // A signature that ends in zero bits may call them padding: one byte, outside of what is signed.
        #expect(accepted.count <= 1)
    }

    @Test("truncations, garbage and too much are refused")
    func garbage() throws {
        let der = try CertificateRequest(key: .generate()).der
        for length in 0..<der.count {
            #expect(
                code { () throws(TrustError) in try CertificateRequest(der: Array(der.prefix(length))) } == .badCertificateRequest
            )
        }
        #expect(code { () throws(TrustError) in try CertificateRequest(der: der + [0]) } == .badCertificateRequest)
        for byte in [0x00, 0x30, 0x80, 0xff] as [UInt8] {
            for count in [1, 100, 4096, 4097, 1_000_000] {
                let bytes = [UInt8](repeating: byte, count: count)
                #expect(code { () throws(TrustError) in try CertificateRequest(der: bytes) } == .badCertificateRequest)
            }
        }
    }
}
