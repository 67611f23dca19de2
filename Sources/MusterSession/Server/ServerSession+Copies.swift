import MusterModel
import MusterWire

/// What a session has to do with copies of its device; whether there are any is `RunHistory`'s to say.
extension ServerSession {
    /// Another run of the device has come: is this one still there? - Returns: false when it can be seen at once that it is not.
    package mutating func askForProof() -> Bool {
        guard isProvable else { return false }
        if proof == nil {
            _ = ping()
            proof = pings
        }
        return true
    }

    package var isProofAwaited: Bool { proof != nil }

    var isProvable: Bool {
        switch state {
        case .active, .renewing: true
        // One that is not permanent has said its last.
        case .complete: isPermanent
        case .awaitingHello, .judging, .probed, .closed: false
        }
    }

    /// The device whose Hello is judged can be given an identity of its own.
    package var knowsEnrolAnew: Bool {
        guard case .judging(let hello) = state else { return false }
        return FeatureSet(hello.features).capabilities.contains(.enrolAnew)
    }

    /// A copy is refused with a token to enrol with: secret, so that it is in no order.
    package mutating func enrolsAnew(with token: String) -> [Action] {
        guard case .judging = state else { return [] }
        state = .closed
        outbox.removeAll()
        var goodbye = Muster_V1_Goodbye(.enrolAnew, retryAfter: nil, text: "")
        goodbye.enrolmentToken = token
        outbox.append(control: .goodbye(goodbye))
        return [.close(.enrolAnew, text: "")]
    }
}
