import FoundationEssentials
import MusterModel
import MusterWire
import NIOCore
import Testing

@testable import MusterSession

@Suite("Enrolment, both ends")
struct EnrolmentTests {
    private let pins = [Fingerprint(hash: [1]), Fingerprint(hash: [2])]
    private let tokenID = EnrolmentTokenID(bytes: [UInt8](repeating: 3, count: 16))

    private func agent() throws -> AgentEnrolment {
        AgentEnrolment(
            tokenID: try #require(tokenID), tokenSecret: [UInt8](repeating: 4, count: 32), certificateRequest: [5, 6],
            agentVersion: "1.0", hostName: "web-1")
    }

    /// A frame as the other side gets it: through its bytes.
    private func carried(_ frame: Muster_V1_Frame?) throws -> Muster_V1_Frame {
        var bytes = ByteBuffer()
        try FrameCodec.append(try #require(frame), to: &bytes)
        return try #require(try FrameCodec().nextFrame(from: &bytes))
    }

    @Test("one request, one answer")
    func enrols() throws {
        var (agent, server) = (try agent(), ServerEnrolment())
        let request = try carried(agent.nextFrame())
        #expect(agent.nextFrame() == nil)
        let actions = server.received(request)
        guard case .enrol(let order) = actions.first, actions.count == 1 else { return #expect(Bool(false), "\(actions)") }
        #expect(
            Array(order.tokenID) == tokenID?.bytes && order.tokenSecret.count == 32 && Array(order.certificateRequest) == [5, 6])
        #expect(order.hostName == "web-1" && order.agentVersion == "1.0" && server.nextFrame() == nil)
        #expect(server.enrolled(device: device(), certificate: [7, 8], pins: pins, now: noon) == [.close(.enrolled, text: "")])
        let answer = try carried(server.nextFrame())
        #expect(server.nextFrame() == nil)
        let enrolment = AgentEnrolment.Enrolment(device: device(), certificate: [7, 8], pins: pins, serverTime: noon)
        #expect(agent.received(answer) == [.adopt(enrolment)])
        // Over on both sides.
        #expect(agent.received(answer) == [] && agent.nextFrame() == nil)
        #expect(server.received(request) == [] && server.refused(.busy) == [] && server.nextFrame() == nil)
        #expect(server.enrolled(device: device(), certificate: [7], pins: pins, now: noon) == [])
    }

    @Test(
        "a refusal is told with its reason and when to come back",
        arguments: [.tokenUnknown, .tokenExpired, .enrolmentLimit] as [CloseReason])
    func refused(reason: CloseReason) throws {
        var (agent, server) = (try agent(), ServerEnrolment())
        _ = server.received(try carried(agent.nextFrame()))
        #expect(server.refused(reason, retryAfter: .seconds(5), text: "no") == [.close(reason, text: "no")])
        #expect(agent.received(try carried(server.nextFrame())) == [.close(reason, retryAfter: .seconds(5), text: "no")])
        #expect(agent.nextFrame() == nil && server.nextFrame() == nil)
    }

    @Test("the server takes one request of its version and nothing else", arguments: Message.allCases)
    func serverMatrix(message: Message) throws {
        var request = Muster_V1_EnrolmentRequest()
        request.version = 1
        for isEnrolling in [false, true] {
            var server = ServerEnrolment()
            if isEnrolling { _ = server.received(Muster_V1_Frame(.enrolment(request))) }
            let actions = server.received(message.frame)
            let reason: CloseReason =
                switch message {
                case .goodbye: .replaced
                case .enrolment where !isEnrolling: .unsupportedVersion
                default: .unexpectedMessage
                }
            guard case .close(reason, _) = actions.first else { return #expect(Bool(false), "\(actions)") }
            #expect(server.nextFrame().map(line) == (message == .goodbye ? nil : "goodbye \(reason.code)"))
            for message in Message.allCases { #expect(server.received(message.frame) == []) }
            #expect(server.enrolled(device: device(), certificate: [7], pins: pins, now: noon) == [] && server.nextFrame() == nil)
        }
    }

    @Test("the agent takes one whole answer and nothing else", arguments: Message.allCases)
    func agentMatrix(message: Message) throws {
        var agent = try agent()
        _ = agent.nextFrame()
        let reason: CloseReason =
            switch message {
            case .goodbye: .replaced
            case .enrolled: .malformedFrame
            default: .unexpectedMessage
            }
        guard case .close(reason, _, _) = agent.received(message.frame).first else { return #expect(Bool(false), "\(message)") }
        #expect(agent.nextFrame().map(line) == (message == .goodbye ? nil : "goodbye \(reason.code)"))
        #expect(agent.received(message.frame) == [] && agent.nextFrame() == nil)
    }

    @Test("an answer without a device, a certificate or a pin is adopted by nobody")
    func damagedAnswers() throws {
        func isAdopted(_ change: (inout Muster_V1_Enrolled) -> Void) throws -> Bool {
            var answer = Muster_V1_Enrolled()
            answer.device = .init(device().bytes)
            answer.certificate = .init([1])
            answer.pins = pins.map { .init($0.bytes) }
            change(&answer)
            var agent = try agent()
            guard case .adopt = agent.received(Muster_V1_Frame(.enrolled(answer))).first else { return false }
            return true
        }
        #expect(try isAdopted { _ in })
        #expect(try !isAdopted { $0.device = .init([1]) })
        #expect(try !isAdopted { $0.certificate = .init() })
        #expect(try !isAdopted { $0.pins = [] })
        #expect(try !isAdopted { $0.pins = [.init([1, 2])] })
    }
}
