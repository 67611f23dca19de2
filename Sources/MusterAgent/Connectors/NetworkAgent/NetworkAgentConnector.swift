import MusterModel

/// The Network Agent as a managed application. Its settings come into force as the document `agent` is held, and where the parts of the agent
/// that have them find them changed; this says what became of them, and brings them into force anew when the owner's ceiling changes.
struct NetworkAgentConnector: Connector {
    let storage: AgentStorage
    let requests: RequestBoard
    let ceiling: CeilingBoard
    /// Connection settings are on trial.
    let tryOut: @Sendable () -> Void
    /// Other parts of the inventory may be wanted.
    let inventoryChanged: @Sendable () -> Void

    var manifest: ApplicationManifest { .networkAgent }
    var desired: DesiredSettingsSource { .agent }
    var watch: ConnectorWatch { ConnectorWatch() }

    func discover() async throws(ConnectorError) -> String { AgentVersion.current }

    /// Where the server is: all else is in the agent's own database, where nobody changes it.
    func settingsInForce() async throws(ConnectorError) -> [String: ManagedValue] {
        try await reading { state, _ throws(AgentError) in
            // They are not meant to be in force yet, or were given up.
            guard try state.trial() == nil, try state.rejectedTrial() == nil else { return [:] }
            return ConnectionSettings(servers: try state.servers(), proxy: try state.proxy())?.managedValues ?? [:]
        }
    }

    func apply(_ settings: [String: ManagedValue]) async throws(ConnectorError) {
        let ceiling = ceiling.ceiling
        let begins = try await reading { state, spool throws(AgentError) in
            let begins = try HeldSettings.bringIntoForceAgain(under: ceiling, state)
            if let count = try state.settingsInForce()?.eventsHeld { spool.limit(SpoolLimits(eventsHeld: count)) }
            return begins
        }
        if begins { tryOut() }
        requests.settingsMayHaveChanged()
        inventoryChanged()
    }

    func look(after before: ApplicationReport?, now: Timestamp) async throws(ConnectorError) -> ConnectorReading {
        let trial = try await reading { state, _ throws(AgentError) in
            guard try state.held(.agent) != nil else { return TrialStanding.nothingHeld }
            if try state.trial() != nil { return .onTrial }
            return try state.rejectedTrial() == nil ? .inForce : .rejected(try state.rejectedWhy() ?? "no reason is known")
        }
        let wanted = try await reading { state, _ throws(AgentError) in try state.requestSettings() }
        return ConnectorReading(state: .running, outcome: Self.outcome(trial, wanted: wanted, requests.report))
    }

    private func reading<Value: Sendable>(
        _ body: @escaping @Sendable (AgentState, Spool) throws(AgentError) -> Value
    ) async throws(ConnectorError) -> Value {
        do { return try await storage.run { state, spool in try body(state, spool) } } catch {
            throw ConnectorError("storageFailed", error.reason)
        }
    }
}

/// How the connection settings that the server wants stand.
enum TrialStanding: Hashable, Sendable {
    case nothingHeld, onTrial, inForce
    case rejected(String)
}

extension NetworkAgentConnector {
    /// What became of the document `agent`. Rules only.
    static func outcome(
        _ trial: TrialStanding, wanted: RequestSettings, _ requests: ConnectionRequestReport
    ) -> ConnectorReading.Outcome {
        switch trial {
        case .nothingHeld: return .settled(.none)
        case .onTrial: return .pending
        case .rejected(let why):
            return .settled(
                .failed(
                    code: "connectionSettingsRolledBack",
                    text: "the new server addresses or proxy do not work (\(why)); the old ones are in force"))
        case .inForce: return outcome(wanted: wanted, requests)
        }
    }

    private static func outcome(wanted: RequestSettings, _ requests: ConnectionRequestReport) -> ConnectorReading.Outcome {
        // The listener has not come to it yet.
        guard requests.listens == wanted.listens, requests.wantedPort == wanted.port || !wanted.listens else { return .pending }
        guard wanted.listens else { return .settled(.applied) }
        if let failure = requests.failure {
            let rest = requests.port == 0 ? "do not arrive" : "still come to port \(requests.port)"
            return .settled(
                .failed(code: "udpPortNotBound", text: "\(failure); connection requests \(rest): set another port, or free it"))
        }
        let firewall = requests.firewall
        guard wanted.opensFirewall else { return .settled(.applied) }
        guard firewall.isManaged, requests.port != 0 else { return .pending }
        guard firewall.standing != .open else { return .settled(.applied) }
        return .settled(
            .failed(
                code: "firewallNotOpened",
                text:
                    "\(firewall.kind.rawValue) does not let UDP port \(requests.port) through\(firewall.detail.map { ": \($0)" } ?? "")"
            ))
    }
}

extension ConnectionSettings {
    /// As the settings of the Network Agent have them.
    var managedValues: [String: ManagedValue] {
        var values: [String: ManagedValue] = [NetworkAgentKey.serverAddresses: .list(servers.map(\.description))]
        values[NetworkAgentKey.proxy] = proxy.map { .text($0.description) }
        return values
    }
}

extension AgentSettings {
    /// Those that something else on the device can change, by key.
    var comparedSettings: [String: ManagedSetting] {
        let values = connection?.managedValues ?? [:]
        return Dictionary(
            uniqueKeysWithValues: values.map { ($0, ManagedSetting($1, isLocked: connectionLocks.contains($0))) })
    }
}
