import MusterAgent
import MusterModel
import MusterWire

/// The one UDP port on which all devices of a fleet listen for connection requests: the agent's own port, and whoever a datagram names judges
/// it by the agent's own gate.
struct RequestPort: Sendable {
    private let port: OpenPort

    /// - Returns: nil when the devices do not listen.
    static func open(_ number: UInt16?, for fleet: Fleet) async throws(SwarmError) -> RequestPort? {
        guard let number else { return nil }
        do {
            return RequestPort(port: try await OpenPort(number) { fleet.datagramReceived($0) })
        } catch {
            throw SwarmError(.badOption, "UDP port \(number) cannot be had: \(error)")
        }
    }

    func close() async { await port.close() }
}

extension Fleet {
    /// On the port's event loop.
    fileprivate func datagramReceived(_ bytes: [UInt8]) {
        guard let device = try? Datagram.parse(bytes).datagram.device else { return }
        tell { loop in loop.datagramReceived(bytes, for: device) }
    }
}
