import MusterAPI
import MusterModel

// How an action of a device stands, as people read it.

extension ActionEntry {
    /// Known to come at the next synchronization only.
    var isWaiting: Bool {
        ended == nil && accepted == nil && sent == nil && ["synchronization", "noAnswer"].contains(route)
    }

    /// How it stands, in words; nil while nothing is known.
    func step(permanent use: PermanentConnectionUse?) -> String? {
        guard let progress = ActionProgress(code: progress) else { return progress }
        switch progress {
        case .pending: return waitingText(use)
        case .sent: return sentText
        case .accepted: return "accepted by the device"
        case .done: return "done, state and statistics of \(Shown.time(ended))"
        case .failed: return "failed: \(text ?? code.map(ReasonWords.text) ?? "no reason was given")"
        case .expired: return "expired before the device came"
        case .cancelled: return "cancelled"
        }
    }

    /// The same of one that is under way when nobody waits for it any more.
    func standing(permanent use: PermanentConnectionUse?) -> String {
        switch ActionProgress(code: progress) {
        case .sent: "\(sentText), the device has not answered yet"
        case .accepted: "accepted by the device, which is still at it"
        default: step(permanent: use) ?? "the device is being reached"
        }
    }

    var sentText: String {
        switch route.flatMap(ActionRoute.init(rawValue:)) {
        case .connectionRequest:
            "connection request sent, connected" + (connectedAfterMilliseconds.map { " after \($0) ms" } ?? "")
        case .synchronization, .noAnswer: "sent at the device's synchronization"
        case .connection, nil: "sent over the open connection"
        }
    }

    private func waitingText(_ use: PermanentConnectionUse?) -> String? {
        let why: String
        switch route.flatMap(ActionRoute.init(rawValue:)) {
        case .synchronization: why = "its UDP port is not known to be open"
        case .noAnswer: why = "no answer to the connection request on its UDP port"
        case .connection, .connectionRequest, nil: return nil
        }
        switch connectionState.flatMap(ConnectionState.init(code:)) {
        // Nothing reaches them.
        case .neverConnected: return "waits for the device, which has never connected"
        case .shutDown, .suspended, .agentStopped, .overdue, .refused:
            return "waits for the device: \(connectionState.flatMap(ConnectionState.init(code:))?.words ?? "")"
        case .connected, .onSchedule, .rebooting, nil: break
        }
        let next = "next synchronization \(Shown.time(nextSynchronization))"
        guard let use, permanentConnection != true else { return "\(why), \(next)" }
        return "\(why), \(next); to reach it at once tick Do not disconnect (\(use.ticked) of \(use.limit))"
    }
}
