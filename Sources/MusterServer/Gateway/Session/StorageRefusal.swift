import MusterModel
import MusterStore

/// What a device is told when something could not be stored: nothing is acknowledged, and it comes back.
struct StorageRefusal {
    let reason: CloseReason
    let retryAfter: Duration?

    init(_ error: any Error) {
        switch (error as? StoreError)?.code {
        case .full, .unavailable, .closed, .io: (reason, retryAfter) = (.storageUnavailable, .seconds(10))
        case .busy: (reason, retryAfter) = (.busy, .seconds(5))
        case .notFound: (reason, retryAfter) = (.deviceDeleted, nil)
        default: (reason, retryAfter) = (.internalError, .seconds(30))
        }
    }
}
