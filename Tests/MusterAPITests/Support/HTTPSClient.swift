import Foundation
import MusterAPI
import NIOCore
import NIOHTTP1
import NIOPosix
import NIOSSL

/// A client that sends exactly what a test says: any token or none, a client certificate, wrong bodies. It trusts every server.
struct HTTPSClient: Sendable {
    struct Answer: Sendable {
        var status: Int
        var headers: HTTPHeaders
        var body: Data

        var problem: Problem? { try? APICoding.decode(Problem.self, from: body) }

        func value<Value: Decodable>(_ type: Value.Type = Value.self) throws -> Value { try APICoding.decode(type, from: body) }
    }

    struct NoAnswer: Error {}

    let port: Int
    var token: String?
    var clientCertificate: (chain: [[UInt8]], keyPEM: String)?

    func get(_ path: String) async throws -> Answer { try await send(.GET, path) }

    func send(
        _ method: HTTPMethod, _ path: String, json: String? = nil, headers: [(String, String)] = []
    ) async throws -> Answer {
        try await exchange(method, path, json: json, headers: headers) { head, inbound in
            var answer = Answer(status: Int(head.status.code), headers: head.headers, body: Data())
            while let part = try await inbound.next(isolation: #isolation) {
                if case .body(let buffer) = part { answer.body.append(contentsOf: buffer.readableBytesView) }
                if case .end = part { break }
            }
            return answer
        }
    }

    /// Sends, reads the head, and hands the rest to `body`; the connection is closed when that returns.
    func exchange<Result: Sendable>(
        _ method: HTTPMethod, _ path: String, json: String? = nil, headers: [(String, String)] = [],
        _ body: (HTTPResponseHead, inout NIOAsyncChannelInboundStream<HTTPClientResponsePart>.AsyncIterator) async throws ->
            Result
    ) async throws -> Result {
        let channel = try await connect()
        return try await channel.executeThenClose { inbound, outbound in
            var head = HTTPRequestHead(version: .http1_1, method: method, uri: path, headers: ["Host": "localhost"])
            if let token { head.headers.add(name: "Authorization", value: "Bearer \(token)") }
            if let json {
                head.headers.add(name: "Content-Length", value: String(json.utf8.count))
                if !headers.contains(where: { $0.0 == "Content-Type" }) {
                    head.headers.add(name: "Content-Type", value: "application/json")
                }
            }
            for (name, value) in headers { head.headers.add(name: name, value: value) }
            try await outbound.write(.head(head))
            if let json { try await outbound.write(.body(.byteBuffer(ByteBuffer(string: json)))) }
            try await outbound.write(.end(nil))
            var parts = inbound.makeAsyncIterator()
            guard case .head(let answer) = try await parts.next(isolation: #isolation) else { throw NoAnswer() }
            return try await body(answer, &parts)
        }
    }

    private func connect() async throws -> NIOAsyncChannel<HTTPClientResponsePart, HTTPClientRequestPart> {
        var tls = TLSConfiguration.makeClientConfiguration()
        tls.certificateVerification = .none
        if let clientCertificate {
            tls.certificateChain = try clientCertificate.chain.map {
                .certificate(try NIOSSLCertificate(bytes: $0, format: .der))
            }
            tls.privateKey = .privateKey(try NIOSSLPrivateKey(bytes: Array(clientCertificate.keyPEM.utf8), format: .pem))
        }
        let context = try NIOSSLContext(configuration: tls)
        return try await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton).connect(host: "127.0.0.1", port: port) {
            channel in
            channel.eventLoop.makeCompletedFuture {
                try channel.pipeline.syncOperations.addHandler(NIOSSLClientHandler(context: context, serverHostname: nil))
                try channel.pipeline.syncOperations.addHTTPClientHandlers()
                return try NIOAsyncChannel(wrappingChannelSynchronously: channel)
            }
        }
    }
}
