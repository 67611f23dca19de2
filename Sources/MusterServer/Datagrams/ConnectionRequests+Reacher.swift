import MusterModel

extension ConnectionRequests: DeviceReacher {
    func reach(_ device: DeviceID, isOneOfMany: Bool) async -> ReachOutcome {
        switch await request(device, isOneOfMany: isOneOfMany) {
        case .connected, .alreadyConnected: ReachOutcome(wasAsked: true, hasConnected: true)
        case .noAnswer: ReachOutcome(wasAsked: true, hasConnected: false)
        case .notListening, .portUnknown, .addressUnknown, .tooMany, .notSent, .unknownDevice: .notReachable
        }
    }
}
