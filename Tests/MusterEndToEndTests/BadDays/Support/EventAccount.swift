import Foundation
import MusterTestKit

/// What the server has of a device's events, held against what was raised on the device.
struct EventAccount {
    struct Event: Decodable, Equatable {
        var position: Int
        /// 0 for events the server raised.
        var sequence: Int
        var count: Int
        var type: String
        var text: String
        var parameters: [String: Parameter] = [:]
    }

    struct Parameter: Decodable, Equatable {
        var text: String?
        var integer: Int?
    }

    /// In the order of the list.
    let events: [Event]

    init(events: [Event]) { self.events = events }

    /// Everything the server has of the device.
    init(of agent: TestAgent, at server: TestServer) async throws {
        let device = try await agent.deviceID
        let list = try await server.muster("events", "list", "--device", device, "--limit", "1000000", "--output", "json")
        events = try JSONDecoder().decode([Event].self, from: Data(try list.succeeded().output.utf8))
    }

    func events(of type: String) -> [Event] { events.filter { $0.type == type } }

    /// What is wrong: lost, twice, out of order, or there though it was refused. Empty when the account is right.
    /// - Parameter rolledBack: how often the device began a new epoch. Before the first each number must be there; after it those that
    ///   were stored already are left out, and a raised event may have another number than it was given at first.
    func faults(against raised: [EventSource.Raised], rolledBack: Int = 0) -> [String] {
        numbering(rolledBack: rolledBack) + order() + raised.flatMap { fault(of: $0, rolledBack: rolledBack) } + strangers(raised)
    }

    /// Every number of an epoch once, by an event or a gap, in order of position.
    private func numbering(rolledBack: Int) -> [String] {
        var faults: [String] = []
        var (next, epochs) = (1, 0)
        var position = 0
        for event in events {
            if event.position <= position { faults.append("position \(event.position) follows \(position)") }
            position = event.position
            guard event.sequence > 0 else { continue }
            if event.sequence < next, epochs < rolledBack {
                epochs += 1
                next = 1
            }
            if event.sequence < next || (epochs == 0 && event.sequence > next) {
                faults.append("number \(event.sequence) (\(event.type), \(event.text)) is where \(next) belongs")
            }
            next = event.sequence + event.count
        }
        if epochs != rolledBack { faults.append("\(epochs) new epochs, not \(rolledBack)") }
        return faults
    }

    /// Events of the source in the order they were raised.
    private func order() -> [String] {
        let numbers = loads.compactMap { Int($0.text.drop { !$0.isNumber }) }
        return zip(numbers, numbers.dropFirst()).compactMap { former, later in
            later > former ? nil : "event \(later) comes after event \(former)"
        }
    }

    private func fault(of raised: EventSource.Raised, rolledBack: Int) -> [String] {
        let found = byText[raised.text] ?? []
        switch raised.outcome {
        case .stored where found.isEmpty: return ["\(raised.text) is lost"]
        case .refused(let code) where !found.isEmpty: return ["\(raised.text) was refused (\(code)) and is there"]
        case _ where found.count > 1: return ["\(raised.text) is there \(found.count) times"]
        case .stored(let sequence) where rolledBack == 0 && found.first?.sequence != sequence:
            return ["\(raised.text) has number \(found.first?.sequence ?? 0), and was told \(sequence)"]
        case .stored, .unknown, .refused: return []
        }
    }

    private func strangers(_ raised: [EventSource.Raised]) -> [String] {
        let known = Set(raised.map(\.text))
        return loads.filter { !known.contains($0.text) }.map { "\($0.text) was never raised" }
    }

    private var loads: [Event] { events(of: EventSource.type) }
    private var byText: [String: [Event]] { Dictionary(grouping: loads, by: \.text) }
}
