import Logging
import MusterModel
import MusterStore

/// What the routes work with.
struct APIServices: Sendable {
    let store: Store
    let backend: any APIBackend
    let logger: Logger
    let packages: PackageSources
    /// Of applications that can have tasks.
    let manifests: [ApplicationManifest]
    let followers: FollowerSeats
    let turn = ChangeTurn()
    let heartbeat: Duration
    let followerTimeout: Duration
    let now: @Sendable () -> Timestamp

    init(
        store: Store, backend: any APIBackend, logger: Logger, configuration: APIServerConfiguration,
        now: @escaping @Sendable () -> Timestamp
    ) {
        self.store = store
        self.backend = backend
        self.logger = logger
        packages = configuration.packages
        manifests = configuration.manifests
        followers = FollowerSeats(configuration.maximumFollowers)
        heartbeat = configuration.heartbeat
        followerTimeout = configuration.followerTimeout
        self.now = now
    }

    var authenticator: Authenticator { Authenticator(store: store, now: now) }
}
