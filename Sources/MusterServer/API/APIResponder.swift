import HTTPTypes
import Hummingbird
import Logging
import MusterAPI
import MusterStore
import NIOCore

/// Where a request came in.
struct APIContext: InitializableFromSource, Sendable {
    let channel: any Channel
    let logger: Logger

    init(source: ApplicationRequestContextSource) {
        channel = source.channel
        logger = source.logger
    }
}

/// The way of every request: find its row, learn who asks, ask the row whether he may, check the parameters, do it.
struct APIResponder: HTTPResponder {
    let table: RouteTable
    let authenticator: Authenticator

    func respond(to request: Request, context: APIContext) async throws -> Response {
        var response: Response
        do { response = try await reply(to: request, context).response() } catch {
            response = problem(error, request, context).response()
        }
        if response.status == .methodNotAllowed, case .otherMethods(let methods) = match(request) {
            response.headers[.allow] = methods.joined(separator: ", ")
        }
        for (name, value) in Self.securityHeaders { response.headers[name] = value }
        return response
    }

    private func match(_ request: Request) -> RouteTable.Match { table.match(request.method, path: request.uri.path[...]) }

    private func reply(to request: Request, _ context: APIContext) async throws -> APIReply {
        let route: Route
        let argument: String?
        switch match(request) {
        case .route(let found, let segment): (route, argument) = (found, segment)
        case .otherMethods(let methods): throw Problem.methodNotAllowed(methods)
        case .none: throw Problem.routeUnknown
        }
        let principal = try await authenticator.principal(request.headers)
        guard route.access.allows(principal.role) else { throw Problem.roleInsufficient(principal.role, needed: route.access) }
        let query = try QueryParameters(request.uri.query, known: route.query)
        let call = APICall(
            principal: principal, argument: argument, query: query, request: request, channel: context.channel,
            logger: context.logger)
        return try await route.handle(call)
    }

    private func problem(_ error: any Error, _ request: Request, _ context: APIContext) -> Problem {
        if let problem = error as? Problem { return problem }
        let problem: Problem
        if let error = error as? StoreError {
            problem = .store(error, revisionNamed: request.headers[.ifMatch] != nil)
        } else {
            problem = .internalError
        }
        if problem.status >= 500 {
            context.logger.error(
                "An API request failed.",
                metadata: [
                    "api.method": "\(request.method)", "api.path": "\(request.uri.path)", "problem.code": "\(problem.code)",
                    "error": "\(error)",
                ])
        }
        return problem
    }

    /// No HSTS: it would bind the whole host, other ports too, of which this server knows nothing.
    private static let securityHeaders: [(HTTPField.Name, String)] = {
        var headers: [(HTTPField.Name, String)] = [
            (.cacheControl, "no-store"), (.xContentTypeOptions, "nosniff"),
            (.contentSecurityPolicy, "default-src 'none'; frame-ancestors 'none'"),
        ]
        for (text, value) in [("Referrer-Policy", "no-referrer"), ("X-Frame-Options", "DENY")] {
            if let name = HTTPField.Name(text) { headers.append((name, value)) }
        }
        return headers
    }()
}
