import MusterModel

/// An application that somebody else wrote a connector for: what the agent wants of it becomes a request, and the answer is read with limits.
struct ExternalConnector: Connector {
    let external: ExternalManifest
    let host: ConnectorHost
    let limits: ConnectorLimits

    var manifest: ApplicationManifest { external.manifest }
    var desired: DesiredSettingsSource { .settings }
    var watch: ConnectorWatch { ConnectorWatch(period: host.greeting?.period ?? ConnectorAnswer.Greeting.standardPeriod) }

    /// Asked anew: the application may have been updated.
    func discover() async throws(ConnectorError) -> String {
        let answer = try await host.ask(.hello, within: limits.answering)
        let greeting = try ConnectorAnswer.greeting(answer, of: application)
        guard greeting.manifest == external else {
            host.renew("its manifest is another one")
            throw ConnectorError("connectorNotRunning", "the connector's manifest is another one: it is started again")
        }
        return greeting.version
    }

    func settingsInForce() async throws(ConnectorError) -> [String: ManagedValue] {
        try ConnectorAnswer.settings(
            try await host.ask(ConnectorRequest(name: ConnectorRequest.settings), within: limits.answering), manifest)
    }

    func apply(_ settings: [String: ManagedValue]) async throws(ConnectorError) {
        guard !settings.isEmpty else { return }
        _ = try await host.ask(try .apply(settings), within: limits.applying)
    }

    func look(after before: ApplicationReport?, now: Timestamp) async throws(ConnectorError) -> ConnectorReading {
        try ConnectorAnswer.reading(try await host.ask(.look(after: before), within: limits.answering), of: application, now: now)
    }
}
