import MusterModel
import Testing

@testable import MusterTrust

@Suite("Keys and pins")
struct KeyTests {
    @Test("a key survives its PEM, and its pin with it")
    func pem() throws {
        let key = PrivateKey.generate()
        let again = try PrivateKey(pem: key.pem)
        #expect(again.pin == key.pin)
        #expect(again.publicKeyDER == key.publicKeyDER)
        #expect(key.publicKeyDER.count == 91)
        #expect(!"\(key)".contains("PRIVATE"))
        #expect(PrivateKey.generate().pin != key.pin)
    }

    @Test("openssl's P-256 key is read, its pin is openssl's")
    func foreignKey() throws {
        // openssl ecparam -genkey -name prime256v1 -noout; the pin: openssl ec -pubout -outform DER | sha256sum
        let pem = """
            -----BEGIN EC PRIVATE KEY-----
            MHcCAQEEIP7DGEJAZzGU4B86wwzQX6SZoD6vSYu6d+Sn84wE2F97oAoGCCqGSM49
            AwEHoUQDQgAEDQcaCyEx0MxCL/zbq+I39HqxkJmsWCydOhAfj2gDYMQhPv4tJ98H
            z7EAf5uXLN92TwFFu1dhcCuoQN8V1TbhnQ==
            -----END EC PRIVATE KEY-----
            """
        #expect(try PrivateKey(pem: pem).pin.description == "637aea865081d91d4492db00bfcc0050c726796ba74a8aad9ce8510c51b20535")
    }

    @Test(
        "what is no P-256 key is refused",
        arguments: ["", "garbage", "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----"])
    func badPEM(_ text: String) {
        #expect(code { () throws(TrustError) in try PrivateKey(pem: text) } == .badKey)
    }

    @Test("a signature is 64 bytes and fits one key and one text")
    func signatures() throws {
        let key = PrivateKey.generate()
        let signature = try key.sign([1, 2, 3])
        #expect(signature.count == 64)
        let other = try PublicKey(der: key.publicKeyDER)
        #expect(other == key.publicKey)
        #expect(other.isValid(signature: signature, for: [1, 2, 3]))
        #expect(!other.isValid(signature: signature, for: [1, 2, 4]))
        #expect(!PrivateKey.generate().publicKey.isValid(signature: signature, for: [1, 2, 3]))
        for length in [0, 1, 63, 65, 1000] {
            #expect(!other.isValid(signature: [UInt8](repeating: 0, count: length), for: [1, 2, 3]))
        }
        #expect(!other.isValid(signature: [UInt8](repeating: 0, count: 64), for: [1, 2, 3]))
        #expect(!other.isValid(signature: [UInt8](repeating: 255, count: 64), for: [1, 2, 3]))
    }

    @Test("no part of a public key is read as one")
    func publicKeyGarbage() {
        let der = PrivateKey.generate().publicKeyDER
        for length in 0..<der.count {
            #expect(code { () throws(TrustError) in try PublicKey(der: Array(der.prefix(length))) } == .badKey)
        }
        #expect(code { () throws(TrustError) in try PublicKey(der: der + [0]) } == .badKey)
        #expect(code { () throws(TrustError) in try PublicKey(der: [UInt8](repeating: 0x30, count: 100_000)) } == .badKey)
    }

    @Test("a pin set is never empty, keeps its order, drops doubles and ends at eight")
    func pinSet() throws {
        let pins = (0..<9).map { Fingerprint(hashing: [$0]) }
        #expect(code { () throws(TrustError) in try PinSet([]) } == .badPinSet)
        #expect(try PinSet([pins[1], pins[0], pins[1]]).pins == [pins[1], pins[0]])
        #expect(try PinSet(pins.prefix(8)).pins.count == 8)
        #expect(code { () throws(TrustError) in try PinSet(pins) } == .badPinSet)
        #expect(try PinSet(pins.prefix(8) + pins.prefix(8)).contains(pins[7]))
        #expect(!PinSet(pins[0]).contains(pins[1]))
    }

    @Test("comparison in constant time compares")
    func constantTime() {
        #expect(constantTimeEquals([], []))
        #expect(constantTimeEquals([1, 2], [1, 2]))
        #expect(!constantTimeEquals([1, 2], [1, 3]))
        #expect(!constantTimeEquals([0, 2], [1, 2]))
        #expect(!constantTimeEquals([1, 2], [1, 2, 3]))
    }
}
