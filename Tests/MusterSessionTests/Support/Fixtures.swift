import FoundationEssentials
import MusterModel
import MusterWire

@testable import MusterSession

/// A repeatable source of randomness (SplitMix64): a failure is found again by its seed.
struct Seeded: RandomNumberGenerator {
    private var state: UInt64

    init(_ seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var word = state
        word = (word ^ (word >> 30)) &* 0xbf58_476d_1ce4_e5b9
        word = (word ^ (word >> 27)) &* 0x94d0_49bb_1331_11eb
        return word ^ (word >> 31)
    }

    mutating func chance(_ one: Int, in many: Int) -> Bool { Int.random(in: 0..<many, using: &self) < one }
}

/// 2026-11-24T14:30:00.250Z.
let noon = Timestamp(milliseconds: 1_795_530_600_250)

func device(_ number: UInt64 = 1) -> DeviceID {
    var generator = Seeded(number)
    return .random(using: &generator)
}

func document(_ facts: [String: String]) -> Document { Document(facts: facts.mapValues { .text($0) }) }

/// A document of some size: `count` facts that deflate poorly, the same for a seed.
func largeDocument(_ count: Int, seed: UInt64 = 1) -> Document {
    var generator = Seeded(seed)
    return Document(facts: Dictionary(uniqueKeysWithValues: (0..<count).map { ("fact\($0)", .text(String(generator.next()))) }))
}

func deviceEvent(_ text: String, type: String = "test", severity: Severity = .info) -> DeviceEvent {
    DeviceEvent(type: type, severity: severity, occurred: noon, text: text)
}

extension DocumentName: CustomStringConvertible {
    package var description: String {
        switch self {
        case .system: "system"
        case .installed: "installed"
        case .hardware: "hardware"
        case .applications: "applications"
        case .agent: "agent"
        case .settings: "settings"
        case .taskStates: "task-states"
        case .tasks: "tasks"
        case .manifests: "manifests"
        }
    }
}

/// A frame in a transcript: its name and what matters of it.
func line(_ frame: Muster_V1_Frame) -> String {
    func names(_ numbers: [UInt32]) -> String {
        numbers.map { DocumentName(rawValue: $0)?.description ?? "\($0)" }.joined(separator: ",")
    }
    func plan(_ plan: Muster_V1_DocumentPlan) -> String {
        " wanted(\(names(plan.wanted.map(\.document)))) coming(\(names(plan.coming)))"
    }
    switch frame.body {
    case .hello(let hello): return "hello" + (hello.hasDigests ? " digests" : "")
    case .welcome(let welcome):
        return "welcome" + (welcome.wantDigests ? " wantDigests" : "") + (welcome.hasPlan ? plan(welcome.plan) : "")
            + (welcome.renewal == .none ? "" : " renewal(\(welcome.renewal))")
    case .digests: return "digests"
    case .plan(let message): return "plan" + plan(message)
    case .document(let head): return "document \(names([head.document])) \(head.basis.isEmpty ? "whole" : "patch")"
    case .chunk: return "chunk"
    case .result(let result): return "result \(names([result.document])) \(result.status)"
    case .events(let batch): return "events \(batch.first)+\(batch.events.count)"
    case .eventsStored(let stored): return "eventsStored \(stored.last)"
    case .renewal: return "renewal"
    case .certificate: return "certificate"
    case .done: return "done"
    case .ping: return "ping"
    case .pong: return "pong"
    case .goodbye(let goodbye): return "goodbye \(CloseReason(rawValue: goodbye.reason)?.code ?? "\(goodbye.reason)")"
    case .enrolment: return "enrolment"
    case .enrolled: return "enrolled"
    case .digestsWanted: return "digestsWanted"
    case .action(let action): return "action \(action.kind)"
    case .actionReport(let report): return "actionReport \(report.progress)"
    case .actionSettled: return "actionSettled"
    case .statistics: return "statistics"
    case .actionChunk: return "actionChunk"
    case .runOutput(let piece): return "runOutput \(piece.data.count) of \(piece.size)"
    case .runOutputStored(let stored): return "runOutputStored \(stored.status)"
    case .statisticsWanted(let wanted): return "statisticsWanted \(wanted.every)"
    case nil: return "later"
    }
}

extension AgentSession {
    /// Every frame there is to write.
    mutating func frames() -> [Muster_V1_Frame] {
        var frames: [Muster_V1_Frame] = []
        while let frame = nextFrame() { frames.append(frame) }
        return frames
    }
}

extension ServerSession {
    mutating func frames() -> [Muster_V1_Frame] {
        var frames: [Muster_V1_Frame] = []
        while let frame = nextFrame() { frames.append(frame) }
        return frames
    }
}
