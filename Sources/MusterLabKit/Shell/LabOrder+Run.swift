import MusterTestKit

extension LabOrder {
    /// Does it.
    /// - Returns: what to say of it.
    package func run(in lab: Lab) async throws -> String {
        switch self {
        case .nothing: return ""
        case .help: return LabOrder.usage
        case .list:
            return lab.hosts.map { "  \($0.name)  \($0.place)  \($0.address)  \($0.isOn ? "on" : "off")" }.joined(separator: "\n")
        case .run(let host, let command): return try await lab.host(host).run(command).whole
        case .muster(let arguments): return try await lab.server.muster(arguments).whole
        case .boot(let name): try await lab.host(name).boot()
        case .powerOff(let name): try await lab.host(name).powerOff()
        case .reboot(let name): try await lab.host(name).reboot()
        case .cut(let name): try await lab.host(name).cutPower()
        case .move(let name, let place): try await lab.host(name).move(to: place)
        case .changeAddress(let name): try await lab.host(name).changeAddress()
        case .block(let port, let place): try await lab.block(port, at: place)
        case .unblock(let place): try await lab.unblock(at: place)
        case .changeServerAddress: try await lab.changeServerAddress()
        }
        return "Done."
    }
}

extension CommandResult {
    fileprivate var whole: String { output + error + (status == 0 ? "" : "exit status \(status)") }
}
