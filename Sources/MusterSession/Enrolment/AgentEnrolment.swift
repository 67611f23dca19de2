import FoundationEssentials
package import MusterModel
package import MusterWire

/// The agent's end of an enrolment. The key was made and saved before: asking again with the same key and token gives the same device.
package struct AgentEnrolment: Sendable {
    private enum State {
        /// The request is queued or sent. Can go to: closed.
        case awaitingAnswer
        case closed
    }

    package enum Action: Hashable, Sendable {
        /// Save all of it in one step, then close.
        case adopt(Enrolment)
        case close(CloseReason, retryAfter: Duration?, text: String)
    }

    /// What a device is from now on.
    package struct Enrolment: Hashable, Sendable {
        package var device: DeviceID
        /// DER.
        package var certificate: [UInt8]
        /// Every key the server may use; never empty.
        package var pins: [Fingerprint]
        package var serverTime: Timestamp
    }

    private var state = State.awaitingAnswer
    private var outbox = Outbox()

    package init(
        tokenID: EnrolmentTokenID, tokenSecret: [UInt8], certificateRequest: [UInt8], agentVersion: String, hostName: String
    ) {
        var request = Muster_V1_EnrolmentRequest()
        request.version = ProtocolVersion.major
        request.tokenID = Data(tokenID.bytes)
        request.tokenSecret = Data(tokenSecret)
        request.certificateRequest = Data(certificateRequest)
        request.agentVersion = agentVersion
        request.hostName = hostName
        outbox.append(control: .enrolment(request))
    }

    package mutating func nextFrame() -> Muster_V1_Frame? { outbox.next() }

    package mutating func received(_ frame: Muster_V1_Frame) -> [Action] {
        guard case .awaitingAnswer = state else { return [] }
        state = .closed
        outbox.removeAll()
        switch frame.body {
        case .enrolled(let enrolled):
            let pins = enrolled.pins.compactMap { Fingerprint(bytes: Array($0)) }
            guard let device = DeviceID(bytes: Array(enrolled.device)), !pins.isEmpty, !enrolled.certificate.isEmpty else {
                return close(.malformedFrame, text: "the server's answer lacks a device, a certificate or pins")
            }
            let enrolment = Enrolment(
                device: device, certificate: Array(enrolled.certificate), pins: pins,
                serverTime: Timestamp(milliseconds: enrolled.time))
            return [.adopt(enrolment)]
        case .goodbye(let goodbye):
            let retry: Duration? = goodbye.retryAfter == 0 ? nil : .milliseconds(Int64(clamping: goodbye.retryAfter))
            let reason = CloseReason(rawValue: goodbye.reason) ?? .closedByPeer
            return [.close(reason, retryAfter: retry, text: goodbye.text)]
        default: return close(.unexpectedMessage)
        }
    }

    private mutating func close(_ reason: CloseReason, text: String = "") -> [Action] {
        outbox.removeAll()
        outbox.append(control: .goodbye(Muster_V1_Goodbye(reason, retryAfter: nil, text: text)))
        return [.close(reason, retryAfter: nil, text: text)]
    }
}
