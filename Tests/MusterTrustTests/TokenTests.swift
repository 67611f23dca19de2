import MusterModel
import Testing

@testable import MusterTrust

@Suite("Tokens")
struct TokenTests {
    private var token: EnrolmentTokenText {
        var generator = Counter(value: 7)
        return EnrolmentTokenText(id: .random(using: &generator), secret: .random(using: &generator))
    }

    @Test("a token survives its text")
    func roundTrip() throws {
        let token = token
        #expect(token.text.utf8.count == 80)
        #expect(token.text == "\(token.id).\(token.secret.text)")
        let read = try EnrolmentTokenText(token.text)
        #expect(read == token)
        #expect(read.hash == token.secret.hash)
        #expect(TokenSecret(bytes: token.secret.bytes) == token.secret)
        #expect(TokenSecret(bytes: token.secret.bytes.dropLast()) == nil)
        #expect(TokenSecret.random() != TokenSecret.random())
    }

    @Test("an API token says what it is")
    func api() throws {
        let token = APITokenText(id: .random(), secret: .random())
        #expect(token.text.hasPrefix("muster_"))
        #expect(try APITokenText(token.text) == token)
        #expect(code { () throws(TrustError) in try EnrolmentTokenText(token.text) } == .badToken)
        let text = self.token.text
        #expect(code { () throws(TrustError) in try APITokenText(text) } == .badToken)
    }

    @Test("the hash is the SHA-256 of the 32 bytes, not of the text")
    func hash() throws {
        let secret = try #require(TokenSecret(text: String(repeating: "A", count: 43)))
        #expect(secret.hash == Fingerprint(hashing: [UInt8](repeating: 0, count: 32)))
    }

    @Test("neither description nor dump shows the secret")
    func hidden() {
        let token = token
        var dumped = ""
        dump(token, to: &dumped)
        for text in ["\(token)", "\(token.secret)", String(reflecting: token), dumped] {
            #expect(!text.contains(token.secret.text))
        }
        #expect("\(token)".contains(token.id.description))
    }

    @Test("no part of a token, and nothing longer, is one")
    func damaged() {
        let text = token.text
        for length in 0..<80 {
            #expect(code { () throws(TrustError) in try EnrolmentTokenText(String(text.prefix(length))) } == .badToken)
        }
        for changed in [
            text + "A", " " + text, text + "\n", text.replacing(".", with: ","), String(text.dropFirst()) + "A",
            String(repeating: ".", count: 80), String(repeating: "ż", count: 40), String(repeating: "A", count: 1_000_000),
        ] {
            #expect(code { () throws(TrustError) in try EnrolmentTokenText(changed) } == .badToken)
        }
    }

    @Test("a secret has one spelling", arguments: ["=", "+", "/", " ", "B"])
    func oneSpelling(last: String) {
        // 43 characters hold 258 bits: the last two must be zero, so "A" is right in the last place and "B" is not.
        #expect(TokenSecret(text: String(repeating: "A", count: 42) + "A") != nil)
        #expect(TokenSecret(text: String(repeating: "A", count: 42) + last) == nil)
    }
}
