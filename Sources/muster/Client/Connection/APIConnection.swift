import FoundationEssentials
import MusterAPI
import MusterModel
import NIOCore
import NIOHTTP1
import NIOPosix
import NIOSSL

/// One TLS connection to the server: requests one after another, answers bounded, or one answer followed as a stream.
/// The server is verified before a byte is sent, by the pins or by the system's trust; nothing switches that off.
struct APIConnection {
    typealias Channel = NIOAsyncChannel<HTTPClientResponsePart, HTTPClientRequestPart>

    /// A page of 1000 events of the largest kind is 8 MiB; twice that.
    static let maximumAnswer = 16 * 1024 * 1024

    let configuration: ClientConfiguration
    private var responses: NIOAsyncChannelInboundStream<HTTPClientResponsePart>.AsyncIterator
    private let requests: NIOAsyncChannelOutboundWriter<HTTPClientRequestPart>

    /// Connects, runs `body`, closes.
    static func with<Result: Sendable>(
        _ configuration: ClientConfiguration, _ body: (inout APIConnection) async throws -> Result
    ) async throws -> Result {
        let verdict = ServerVerdict(pins: configuration.pins)
        let server = configuration.server
        do {
            let (channel, handshake) = try await connect(configuration, verdict)
            return try await channel.executeThenClose { inbound, outbound in
                try await handshake.get()
                var connection = APIConnection(
                    configuration: configuration, responses: inbound.makeAsyncIterator(), requests: outbound)
                return try await body(&connection)
            }
        } catch let error as CommandError {
            throw error
        } catch is CancellationError {
            throw CancellationError()
        } catch {
            if let seen = verdict.refused { throw CommandError.pinMismatch(server, seen: seen.description) }
            throw ConnectionFailure.explained(error, server: server)
        }
    }

    private static func connect(
        _ configuration: ClientConfiguration, _ verdict: ServerVerdict
    ) async throws -> (Channel, EventLoopFuture<Void>) {
        let context = try tlsContext(pinned: !configuration.pins.isEmpty)
        let server = configuration.server
        return try await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .connectTimeout(TimeAmount(configuration.patience.connecting))
            .connect(host: server.host, port: server.port) { channel in
                channel.eventLoop.makeCompletedFuture {
                    let pipeline = channel.pipeline.syncOperations
                    try pipeline.addHandler(tlsHandler(context, configuration, verdict))
                    let done = channel.eventLoop.makePromise(of: Void.self)
                    try pipeline.addHandler(HandshakeWatch(done: done, within: TimeAmount(configuration.patience.connecting)))
                    try pipeline.addHandler(IdleStateHandler(readTimeout: TimeAmount(configuration.patience.silence)))
                    try pipeline.addHandler(SilenceWatch())
                    try pipeline.addHTTPClientHandlers()
                    return (try Channel(wrappingChannelSynchronously: channel), done.futureResult)
                }
            }
    }

    /// With pins `ServerVerdict` stands in for the chain's verification, and the certificate's names do not matter.
    private static func tlsContext(pinned: Bool) throws -> NIOSSLContext {
        var tls = TLSConfiguration.makeClientConfiguration()
        tls.certificateVerification = pinned ? .noHostnameVerification : .fullVerification
        // A machine without ca-certificates has no trust of its own to read, and with pins needs none.
        if pinned { tls.trustRoots = .certificates([]) }
        tls.minimumTLSVersion = .tlsv12
        tls.applicationProtocols = ["http/1.1"]
        return try NIOSSLContext(configuration: tls)
    }

    private static func tlsHandler(
        _ context: NIOSSLContext, _ configuration: ClientConfiguration, _ verdict: ServerVerdict
    ) throws -> NIOSSLClientHandler {
        let host = configuration.server.host
        // Server Name Indication allows names only; an address is verified against the certificate's addresses.
        let isAddress = (try? SocketAddress(ipAddress: host, port: 0)) != nil
        let name = isAddress ? nil : host
        guard !configuration.pins.isEmpty else { return try NIOSSLClientHandler(context: context, serverHostname: name) }
        return try NIOSSLClientHandler(context: context, serverHostname: name) { chain, promise in verdict.judge(chain, promise) }
    }

    // MARK: Requests

    /// Sends one request and reads the whole answer.
    mutating func send(_ request: APIRequest) async throws -> APIResponse {
        let head = try await begin(request)
        return APIResponse(status: Int(head.status.code), headers: head.headers, body: try await restOfBody())
    }

    /// Sends one request; hands on the body as it comes when the status is 200, else returns the answer.
    mutating func stream(_ request: APIRequest, _ chunk: (ByteBuffer) throws -> Void) async throws -> APIResponse? {
        let head = try await begin(request)
        guard head.status == .ok else {
            return APIResponse(status: Int(head.status.code), headers: head.headers, body: try await restOfBody())
        }
        while let part = try await responses.next(isolation: #isolation) {
            switch part {
            case .head: throw CommandError.notMuster(configuration.server, "a second head in one answer")
            case .body(let buffer): try chunk(buffer)
            case .end: return nil
            }
        }
        return nil
    }

    private func begin(head request: APIRequest) -> HTTPRequestHead {
        var headers = HTTPHeaders([
            ("Host", configuration.server.description), ("Authorization", "Bearer \(configuration.token)"),
            ("User-Agent", "muster"), ("Accept", "application/json, application/problem+json, text/event-stream"),
        ])
        if let body = request.body {
            headers.add(name: "Content-Type", value: "application/json")
            headers.add(name: "Content-Length", value: String(body.count))
        }
        for (name, value) in request.headers { headers.add(name: name, value: value) }
        return HTTPRequestHead(
            version: .http1_1, method: HTTPMethod(rawValue: request.method.rawValue), uri: request.uri, headers: headers)
    }

    /// Writes the request and waits for the head of its answer.
    private mutating func begin(_ request: APIRequest) async throws -> HTTPResponseHead {
        try await requests.write(.head(begin(head: request)))
        if let body = request.body { try await requests.write(.body(.byteBuffer(ByteBuffer(bytes: body)))) }
        try await requests.write(.end(nil))
        switch try await responses.next(isolation: #isolation) {
        case .head(let head): return head
        case .body, .end: throw CommandError.notMuster(configuration.server, "an answer without a head")
        case nil: throw CommandError.disconnected(configuration.server, "the server closed it")
        }
    }

    private mutating func restOfBody() async throws -> Data {
        var body = Data()
        while let part = try await responses.next(isolation: #isolation) {
            switch part {
            case .head: throw CommandError.notMuster(configuration.server, "a second head in one answer")
            case .body(let buffer):
                guard body.count + buffer.readableBytes <= Self.maximumAnswer else {
                    throw CommandError.notMuster(configuration.server, "an answer of more than \(Self.maximumAnswer) bytes")
                }
                body.append(contentsOf: buffer.readableBytesView)
            case .end: return body
            }
        }
        throw CommandError.disconnected(configuration.server, "the server closed it")
    }
}
