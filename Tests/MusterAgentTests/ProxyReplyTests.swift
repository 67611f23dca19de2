import MusterModel
import Testing

@testable import MusterAgent

@Suite("What a proxy answers to CONNECT")
struct ProxyReplyTests {
    private func outcome(_ text: String, piece: Int = .max) -> ProxyReply.Outcome {
        var reply = ProxyReply()
        var bytes = Array(text.utf8)[...]
        var outcome = ProxyReply.Outcome.needsMore
        while !bytes.isEmpty, outcome == .needsMore {
            outcome = reply.received(bytes.prefix(piece))
            bytes = bytes.dropFirst(piece)
        }
        return outcome
    }

    @Test("in one piece and byte by byte", arguments: [1, 3, Int.max])
    func pieces(piece: Int) {
        #expect(
            outcome("HTTP/1.0 200 Connection established\r\nProxy-agent: x\r\n\r\n", piece: piece) == .open(rest: []))
        #expect(outcome("HTTP/1.1 204\r\n\r\n", piece: piece) == .open(rest: []))
        #expect(
            outcome("HTTP/1.1 407 Proxy Authentication Required\r\nA: b\r\n\r\n<html>", piece: piece)
                == .refused(status: 407, phrase: "Proxy Authentication Required"))
        #expect(outcome("HTTP/1.1 503\n\n", piece: piece) == .refused(status: 503, phrase: ""))
    }

    @Test("bytes of the server that came with it are kept")
    func rest() { #expect(outcome("HTTP/1.1 200 OK\r\n\r\nabc") == .open(rest: Array("abc".utf8))) }

    @Test(
        "what is no answer",
        arguments: [
            "HTTP/2 200 OK\r\n\r\n", "SSH-2.0-OpenSSH\r\n\r\n", "HTTP/1.1 two\r\n\r\n", "HTTP/1.1 99 x\r\n\r\n", "\r\n\r\n",
            "HTTP/1.1 100 Continue\r\n\r\n", "HTTP/1.1 999 x\r\n\r\n", "HTTP/1.1\r\n\r\n", "HTTP/1.1 +20 x\r\n\r\n",
        ])
    func strange(text: String) { #expect(outcome(text) == .strange) }

    @Test("a head up to the limit is read, one past it is not")
    func limit() {
        func head(_ bytes: Int) -> String {
            let (start, end) = ("HTTP/1.1 200 OK\r\nX: ", "\r\n\r\n")
            return start + String(repeating: "x", count: bytes - start.utf8.count - end.utf8.count) + end
        }
        #expect(outcome(head(ProxyReply.longestHead)) == .open(rest: []))
        #expect(outcome(head(ProxyReply.longestHead + 1)) == .strange)
        #expect(outcome(String(repeating: "x", count: ProxyReply.longestHead - 1)) == .needsMore)
    }

    @Test("its words are made printable and short")
    func phrase() {
        #expect(outcome("HTTP/1.1 403 \u{1b}[31mno\u{7}\r\n\r\n") == .refused(status: 403, phrase: "?[31mno?"))
        guard case .refused(403, let phrase) = outcome("HTTP/1.1 403 \(String(repeating: "é", count: 500))\r\n\r\n") else {
            Issue.record("not read")
            return
        }
        #expect(phrase.utf8.count == 100)
    }

    @Test("any bytes end in an answer or ask for more")
    func anything() {
        var generator = SystemRandomNumberGenerator()
        for _ in 0..<2000 {
            var bytes = Array("HTTP/1.1 200 OK\r\nA: b\r\n\r\n".utf8)
            for _ in 0..<Int.random(in: 0...4, using: &generator) {
                bytes[Int.random(in: bytes.indices, using: &generator)] = .random(in: 0...255, using: &generator)
            }
            var reply = ProxyReply()
            _ = reply.received(bytes)
            _ = reply.received(bytes)
        }
    }
}

@Suite("What an agent asks of a proxy")
struct ProxyRequestTests {
    @Test("the address as it is written, the password in its header alone")
    func request() throws {
        let server = try #require(ServerAddress("[2001:db8::1]:13000"))
        let plain = ProxyHandler.request(try #require(ProxyAddress("http://proxy:3128")), to: server)
        #expect(plain.hasPrefix("CONNECT [2001:db8::1]:13000 HTTP/1.1\r\nHost: [2001:db8::1]:13000\r\n"))
        #expect(plain.hasSuffix("\r\n\r\n") && !plain.contains("Authorization"))
        let secret = ProxyHandler.request(try #require(ProxyAddress("http://a:b%40c@proxy:3128")), to: server)
        #expect(secret.contains("\r\nProxy-Authorization: Basic YTpiQGM=\r\n\r\n"))
    }
}
