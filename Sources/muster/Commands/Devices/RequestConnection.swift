import ArgumentParser
import MusterAPI
import MusterModel

extension Devices {
    /// `muster devices request-connection`: tries the way by UDP, and says what came of it.
    struct RequestConnection: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "request-connection",
            abstract: "Asks a device by UDP to connect now, and says whether it did.",
            discussion: "The exit code is 1 when the device did not connect.")
        @OptionGroup var global: GlobalOptions
        @Argument(help: .device) var device: String

        func run() async throws {
            let (entry, answer) = try await global.withClient { client in
                let id = try await client.device(device)
                let entry = try await client.get(APIPath.filled(APIPath.device, id), as: DeviceEntry.self)
                let path = APIPath.filled(APIPath.deviceConnectionRequest, id)
                return (entry, try await client.call(.init(method: .post, path: path), as: ConnectionRequestEntry.self))
            }
            try ItemPrinter.print(
                answer, global.output, members: [("Connection request", DatagramTexts.outcome(answer, of: entry))])
            if !["connected", "already-connected"].contains(answer.outcome) { throw ExitCode.failure }
        }
    }
}

/// What people read of connection requests and shutdown notices.
enum DatagramTexts {
    static func address(_ device: DeviceEntry) -> String {
        guard let address = device.address else { return Shown.nothing }
        return device.behindNAT == true ? "behind NAT (\(address))" : address
    }

    static func port(_ device: DeviceEntry) -> String {
        switch device.udpPort {
        case nil: Shown.nothing
        case 0: "not listening"
        case let port?: String(port)
        }
    }

    static func outcome(_ answer: ConnectionRequestEntry, of device: DeviceEntry) -> String {
        let place = "UDP \(device.udpPort.map(String.init) ?? "port") of \(TerminalText.escaped(device.address ?? "the device"))"
        let next = "next synchronization \(Shown.time(device.nextSynchronization))"
        switch answer.outcome {
        case "connected":
            let time = answer.afterSeconds.map { "connected after \(Int(($0 * 1000).rounded())) ms" } ?? "connected"
            return "sent to \(place), \(time)"
        case "already-connected": return "not needed: a session of the device is open"
        case "no-answer":
            let nat = device.behindNAT == true ? " It is behind NAT: requests end at the router." : ""
            return "sent to \(place), no connection within 5 s; \(next).\(nat)"
        case "not-listening": return "not sent: the device does not listen for connection requests; \(next)"
        case "port-unknown": return "not sent: the device has not reported a UDP port; \(next)"
        case "address-unknown": return "not sent: the device never connected"
        case "too-many": return "not sent: too many others wait for their turn; try again later"
        case "not-sent": return "not sent: \(TerminalText.escaped(answer.detail ?? "the system refused it")); \(next)"
        default: return answer.outcome
        }
    }
}
