package import HTTPTypes

/// One row of the table: a method and a path, who may use it, which query parameters it knows, and what it does.
/// A parameter that is not named here is refused before `handle` runs.
package struct Route: Sendable {
    package let method: HTTPRequest.Method
    /// With at most one `{id}` segment.
    package let path: String
    package let access: RouteAccess
    package let query: [String]
    let handle: @Sendable (APICall) async throws -> APIReply

    init(
        _ method: HTTPRequest.Method, _ path: String, _ access: RouteAccess, query: [String] = [],
        _ handle: @escaping @Sendable (APICall) async throws -> APIReply
    ) {
        self.method = method
        self.path = path
        self.access = access
        self.query = query
        self.handle = handle
    }
}
