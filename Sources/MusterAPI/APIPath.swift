/// Where things are: shared by the server's table of routes and the CLI. `{…}` stands for one segment.
package enum APIPath {
    package static let root = "/api/v1"
    package static let devices = "/api/v1/devices"
    package static let device = "/api/v1/devices/{id}"
    package static let deviceConnectionRequest = "/api/v1/devices/{id}/connection-request"
    package static let deviceRevoke = "/api/v1/devices/{id}/revoke"
    package static let deviceInstalled = "/api/v1/devices/{id}/installed"
    package static let deviceConnections = "/api/v1/devices/{id}/connections"
    package static let deviceWatch = "/api/v1/devices/{id}/watch"
    package static let deviceSplit = "/api/v1/devices/{id}/split"
    package static let deviceSame = "/api/v1/devices/{id}/same"
    package static let copies = "/api/v1/copies"
    package static let actions = "/api/v1/actions"
    package static let action = "/api/v1/actions/{id}"
    package static let actionDevices = "/api/v1/actions/{id}/devices"
    package static let installed = "/api/v1/installed"
    package static let installedSearch = "/api/v1/installed/search"
    package static let events = "/api/v1/events"
    package static let eventsFollow = "/api/v1/events/follow"
    package static let enrolmentTokens = "/api/v1/enrolment-tokens"
    package static let enrolmentToken = "/api/v1/enrolment-tokens/{id}"
    package static let packages = "/api/v1/packages"
    package static let onePackage = "/api/v1/packages/{id}"
    package static let packageDevices = "/api/v1/packages/{id}/devices"
    package static let packageDownloads = "/api/v1/packages/{id}/downloads"
    package static let apiTokens = "/api/v1/api-tokens"
    package static let apiToken = "/api/v1/api-tokens/{id}"
    package static let syncInterval = "/api/v1/settings/sync-interval"
    package static let connectionSettings = "/api/v1/settings/connection"
    package static let permanentConnectionLimit = "/api/v1/settings/permanent-connections.limit"
    package static let serverStatus = "/api/v1/server/status"
    package static let openAPI = "/api/v1/openapi.json"
    package static let metrics = "/metrics"

    /// `path` with its one `{…}` filled. Ids need no escaping.
    package static func filled(_ path: String, _ id: some CustomStringConvertible) -> String {
        path.split(separator: "/", omittingEmptySubsequences: false)
            .map { $0.hasPrefix("{") ? id.description : String($0) }.joined(separator: "/")
    }
}
