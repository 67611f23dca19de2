package import MusterWire

extension Muster_V1_HelloReason {
    /// As shown in logs and tables.
    package var code: String {
        switch self {
        case .interval: "interval"
        case .start: "start"
        case .event: "event"
        case .manual: "manual"
        case .change: "change"
        case .retry: "retry"
        case .renewed: "renewed"
        case .request: "request"
        case .probe: "probe"
        case .unknown: "unknown"
        case .UNRECOGNIZED(let number): "other(\(number))"
        }
    }
}
