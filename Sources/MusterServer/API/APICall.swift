import FoundationEssentials
import HTTPTypes
import Hummingbird
import Logging
import MusterAPI
import MusterModel
import NIOCore

/// A request that was let in: who asks, what for, and its parts checked as they are taken.
struct APICall: Sendable {
    /// The largest body any route needs is a few hundred bytes; 1 MiB leaves room for bulk changes.
    static let maximumBody = 1 << 20

    let principal: Principal
    /// The segment that stands at the path's `{id}`.
    let argument: String?
    let query: QueryParameters
    private(set) var request: Request
    let channel: any Channel
    let logger: Logger

    /// The id in the path. Something that is no id names nothing.
    func id<Entity>(_ what: String, of type: Entity.Type = Entity.self) throws(Problem) -> EntityID<Entity> {
        guard let id = argument.flatMap({ EntityID<Entity>($0) }) else { throw .notFound(what) }
        return id
    }

    /// The segment with its escapes undone; nil when it does not come out as UTF-8.
    var segment: String? { argument.flatMap { PercentEscape.undone($0[...]) } }

    /// The revision in `If-Match`: nil without the header or for `*`.
    func expectedRevision() throws(Problem) -> Int64? {
        guard let text = request.headers[.ifMatch], text != "*" else { return nil }
        guard text.utf8.count > 2, text.hasPrefix("\""), text.hasSuffix("\""), let revision = Int64(text.dropFirst().dropLast())
        else {
            throw .header("If-Match", "a revision in quotes is expected, as \"3\"")
        }
        return revision
    }

    /// The body, with every member known.
    func body<Body: ChangeRequest>(_ type: Body.Type = Body.self) async throws -> Body {
        let contentType = request.headers[.contentType]?.split(separator: ";").first?.lowercased()
        guard contentType == "application/json" else { throw Problem.contentTypeUnsupported }
        return try StrictBody.decode(type, from: Data(try await collected().readableBytesView))
    }

    /// With nothing more to come from whoever asks.
    func withWholeBody() async throws -> APICall {
        var call = self
        call.request.body = RequestBody(buffer: try await collected())
        return call
    }

    private func collected() async throws -> ByteBuffer {
        do { return try await request.body.collect(upTo: Self.maximumBody) } catch is NIOTooManyBytesError {
            throw Problem.bodyTooLarge(Self.maximumBody)
        }
    }
}
