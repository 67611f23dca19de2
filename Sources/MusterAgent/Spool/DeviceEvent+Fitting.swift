package import MusterModel
import MusterWire

/// Events come from programs on the device and from names found on it, so they are made to fit before they are kept.
extension DeviceEvent {
    /// With both, and at most 8 parameters of the longest names, an event stays under 8 KiB: 2,048 + 8 × (512 + 64 + 12) = 6,752.
    /// Only one with more long parameters than that is refused.
    package static let maximumTextBytes = 2048
    package static let maximumParameterTextBytes = 512
    package static let maximumParameterNameBytes = 64

    /// The event as it is kept: texts past their limits are cut at a character and end in `…`.
    /// - Throws: `eventInvalid` for a wrong type, too many parameters or a wrong name of one; `eventTooLarge` past 8 KiB after cutting.
    package func fitted() throws(AgentError) -> DeviceEvent {
        guard Self.isValid(type: type) else {
            throw AgentError(.eventInvalid, "an event type is 1 to 64 of a-z, 0-9, hyphen and dot")
        }
        guard parameters.count <= Self.maximumParameters else {
            throw AgentError(.eventInvalid, "\(parameters.count) parameters; at most \(Self.maximumParameters)")
        }
        guard parameters.keys.allSatisfy({ (1...Self.maximumParameterNameBytes).contains($0.utf8.count) }) else {
            throw AgentError(.eventInvalid, "the name of a parameter has 1 to \(Self.maximumParameterNameBytes) bytes")
        }
        var event = self
        event.text = text.cut(toBytes: Self.maximumTextBytes)
        event.parameters = parameters.mapValues { value in
            guard case .text(let text) = value else { return value }
            return .text(text.cut(toBytes: Self.maximumParameterTextBytes))
        }
        let size = NumberedEvent(first: EventSequence(epoch: 1, number: 1), stamp: .max, content: .event(event)).encodedBytes
        guard size <= Self.maximumBytes else {
            throw AgentError(.eventTooLarge, "the event takes \(size) bytes; at most \(Self.maximumBytes)")
        }
        return event
    }
}

extension String {
    /// At most `limit` bytes of UTF-8, cut between characters and ended by `…` where something was cut.
    func cut(toBytes limit: Int) -> String {
        guard utf8.count > limit else { return self }
        var rest = limit - "…".utf8.count
        var kept = ""
        for character in self {
            rest -= character.utf8.count
            guard rest >= 0 else { break }
            kept.append(character)
        }
        return kept + "…"
    }
}
