import FoundationEssentials
package import MusterModel
package import MusterWire

/// The server's end of an enrolment: one request, one answer.
package struct ServerEnrolment: Sendable {
    private enum State {
        /// TLS is up. Can go to: enrolling, closed.
        case awaitingRequest
        /// The request is with the store. Can go to: closed.
        case enrolling
        case closed
    }

    package enum Action: Hashable, Sendable {
        /// Answer with `enrolled` or `refused`.
        case enrol(Muster_V1_EnrolmentRequest)
        case close(CloseReason, text: String)
    }

    private var state = State.awaitingRequest
    private var outbox = Outbox()

    package init() {}

    package mutating func nextFrame() -> Muster_V1_Frame? { outbox.next() }

    package mutating func received(_ frame: Muster_V1_Frame) -> [Action] {
        switch (state, frame.body) {
        case (.awaitingRequest, .enrolment(let request)):
            guard request.version == ProtocolVersion.major else {
                return close(.unsupportedVersion, text: "version \(request.version); this server speaks \(ProtocolVersion.major)")
            }
            state = .enrolling
            return [.enrol(request)]
        case (.closed, _): return []
        case (_, .goodbye(let goodbye)):
            state = .closed
            return [.close(CloseReason(rawValue: goodbye.reason) ?? .closedByPeer, text: goodbye.text)]
        default: return close(.unexpectedMessage)
        }
    }

    package mutating func enrolled(device: DeviceID, certificate: [UInt8], pins: [Fingerprint], now: Timestamp) -> [Action] {
        guard case .enrolling = state else { return [] }
        state = .closed
        var answer = Muster_V1_Enrolled()
        answer.device = .init(device.bytes)
        answer.certificate = .init(certificate)
        answer.pins = pins.map { .init($0.bytes) }
        answer.time = now.milliseconds
        outbox.append(control: .enrolled(answer))
        return [.close(.enrolled, text: "")]
    }

    package mutating func refused(_ reason: CloseReason, retryAfter: Duration? = nil, text: String = "") -> [Action] {
        if case .closed = state { return [] }
        return close(reason, retryAfter: retryAfter, text: text)
    }

    private mutating func close(_ reason: CloseReason, retryAfter: Duration? = nil, text: String = "") -> [Action] {
        state = .closed
        outbox.removeAll()
        outbox.append(control: .goodbye(Muster_V1_Goodbye(reason, retryAfter: retryAfter, text: text)))
        return [.close(reason, text: text)]
    }
}
