import FoundationEssentials
package import MusterModel
import MusterWire

/// An action as it travels to a device.
package struct ActionOrder: Hashable, Sendable {
    package var id: ActionID
    /// The number of its kind: one this side does not know is answered so.
    package var kind: UInt32
    /// From its arrival, in which the device may accept it; nil: no limit.
    package var expiresAfter: Duration?
    /// What it is about: of `runTask` a task, of `stopRun` a run's id.
    package var payload: [UInt8]

    package init(id: ActionID, kind: UInt32, expiresAfter: Duration? = nil, payload: [UInt8] = []) {
        self.id = id
        self.kind = kind
        self.expiresAfter = expiresAfter
        self.payload = payload
    }

    /// - Throws: `malformedFrame` when the id is none.
    init(_ message: Muster_V1_Action) throws(WireError) {
        guard let id = ActionID(bytes: Array(message.id)) else { throw .malformedFrame("an action without an id of 16 bytes") }
        self.init(
            id: id, kind: UInt32(truncatingIfNeeded: message.kind.rawValue),
            expiresAfter: message.expiresAfter == 0 ? nil : .milliseconds(Int64(clamping: message.expiresAfter)),
            payload: Array(message.payload))
    }

    /// Without its payload.
    private var message: Muster_V1_Action {
        var message = Muster_V1_Action()
        message.id = .init(id.bytes)
        message.kind = Muster_V1_ActionKind(rawValue: Int(kind)) ?? .unknown
        message.expiresAfter = UInt64(max(0, expiresAfter?.milliseconds ?? 0))
        return message
    }

    /// The action, and as much more as its payload takes. To an agent that knows no payloads it goes without: that one does not know its
    /// kind either, and says so.
    func frames(_ features: FeatureSet) -> [Muster_V1_Frame] {
        var message = message
        guard features.capabilities.contains(.tasks) else { return [Muster_V1_Frame(.action(message))] }
        message.payloadSize = UInt32(payload.count)
        message.payload = .init(payload.prefix(ActionPayload.maximumPiece))
        var frames = [Muster_V1_Frame(.action(message))]
        var rest = payload.dropFirst(ActionPayload.maximumPiece)
        while !rest.isEmpty {
            var chunk = Muster_V1_ActionChunk()
            chunk.id = .init(id.bytes)
            chunk.data = .init(rest.prefix(ActionPayload.maximumPiece))
            frames.append(Muster_V1_Frame(.actionChunk(chunk)))
            rest = rest.dropFirst(ActionPayload.maximumPiece)
        }
        return frames
    }
}

/// The payload of an action as it comes, piece by piece.
struct ActionPayload: Hashable, Sendable {
    static let maximumPiece = 8 * 1024
    /// A script of 64 KiB, 64 arguments and 64 variables of 1 KiB each: 192 KiB, and some room.
    static let maximumBytes = 256 * 1024

    private var order: ActionOrder
    private let size: Int

    /// - Throws: `malformedFrame` for more than is allowed, or than was announced.
    init(_ message: Muster_V1_Action) throws(WireError) {
        order = try ActionOrder(message)
        size = Int(message.payloadSize)
        guard size <= Self.maximumBytes, order.payload.count <= min(size, Self.maximumPiece) else {
            throw .malformedFrame("an action with \(message.payloadSize) bytes of payload")
        }
    }

    mutating func received(_ chunk: Muster_V1_ActionChunk) throws(WireError) {
        guard Array(chunk.id) == order.id.bytes, (1...Self.maximumPiece).contains(chunk.data.count),
            order.payload.count + chunk.data.count <= size
        else { throw .malformedFrame("a piece of an action that does not fit it") }
        order.payload += chunk.data
    }

    /// Nil until everything is there.
    var whole: ActionOrder? { order.payload.count == size ? order : nil }
}

/// How far an action is on its device.
package struct ActionReport: Hashable, Sendable {
    /// Bytes of the text that are kept.
    static let maximumText = 1024

    package var id: ActionID
    package var progress: ActionProgress
    /// Why it failed: a code; empty otherwise.
    package var code: String
    /// English, for codes the reader does not know.
    package var text: String
    /// The device's clock.
    package var time: Timestamp

    package init(id: ActionID, progress: ActionProgress, code: String = "", text: String = "", time: Timestamp) {
        self.id = id
        self.progress = progress
        self.code = code
        self.text = text
        self.time = time
    }

    /// - Throws: `malformedFrame` without an id, or with something no device may say.
    init(_ message: Muster_V1_ActionReport) throws(WireError) {
        guard let id = ActionID(bytes: Array(message.id)) else { throw .malformedFrame("a report without an action's id") }
        let progress: ActionProgress
        switch message.progress {
        case .accepted: progress = .accepted
        case .done: progress = .done
        case .failed: progress = .failed
        case .expired: progress = .expired
        case .unknown, .UNRECOGNIZED: throw .malformedFrame("a report that does not say how far the action is")
        }
        guard message.code.utf8.count <= 64, message.text.utf8.count <= Self.maximumText else {
            throw .malformedFrame("a report's text is longer than \(Self.maximumText) bytes")
        }
        self.init(
            id: id, progress: progress, code: message.code, text: message.text, time: Timestamp(milliseconds: message.time))
    }

    var message: Muster_V1_ActionReport {
        var message = Muster_V1_ActionReport()
        message.id = .init(id.bytes)
        message.progress =
            switch progress {
            case .accepted: .accepted
            case .done: .done
            case .failed: .failed
            case .expired, .cancelled: .expired
            case .pending, .sent: .unknown
            }
        message.code = code
        message.text = text
        message.time = time.milliseconds
        return message
    }
}
