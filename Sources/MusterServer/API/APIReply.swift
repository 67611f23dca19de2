import FoundationEssentials
import HTTPTypes
import Hummingbird
import MusterAPI

/// What a route answers, before the headers every answer has.
enum APIReply: Sendable {
    case json(status: HTTPResponse.Status, body: Data, revision: Int64?)
    case text(contentType: String, body: String)
    case noContent
    /// Written as it comes. With its name, for whoever saves it.
    case file(
        contentType: String, name: String, size: Int,
        write: @Sendable @concurrent (inout any ResponseBodyWriter) async throws -> Void)
    /// Written as it comes; without a length.
    case stream(@Sendable @concurrent (inout any ResponseBodyWriter) async throws -> Void)

    static func ok(_ value: some Encodable, revision: Int64? = nil) throws -> Self {
        .json(status: .ok, body: try APICoding.encode(value), revision: revision)
    }

    static func created(_ value: some Encodable) throws -> Self {
        .json(status: .created, body: try APICoding.encode(value), revision: nil)
    }

    func response() -> Response {
        switch self {
        case .json(let status, let body, let revision):
            var headers: HTTPFields = [.contentType: "application/json"]
            if let revision { headers[.eTag] = "\"\(revision)\"" }
            return Response(status: status, headers: headers, body: .init(byteBuffer: ByteBuffer(bytes: body)))
        case .text(let contentType, let body):
            return Response(
                status: .ok, headers: [.contentType: contentType], body: .init(byteBuffer: ByteBuffer(string: body)))
        case .noContent: return Response(status: .noContent)
        case .file(let contentType, let name, let size, let write):
            return Response(
                status: .ok,
                headers: [.contentType: contentType, .contentDisposition: "attachment; filename=\"\(name)\""],
                body: ResponseBody(contentLength: size) { writer in
                    try await write(&writer)
                    try await writer.finish(nil)
                })
        case .stream(let write):
            return Response(
                status: .ok, headers: [.contentType: "text/event-stream", .cacheControl: "no-store"],
                body: ResponseBody { writer in try await write(&writer) })
        }
    }
}

extension Problem {
    func response() -> Response {
        // A problem that cannot be encoded does not exist: it holds texts and a number.
        let body = (try? APICoding.encode(self)) ?? Data()
        var headers: HTTPFields = [.contentType: "application/problem+json"]
        if status == 401 { headers[.wwwAuthenticate] = "Bearer" }
        if status == 503 { headers[.retryAfter] = "10" }
        return Response(
            status: .init(code: status), headers: headers, body: .init(byteBuffer: ByteBuffer(bytes: body)))
    }
}
