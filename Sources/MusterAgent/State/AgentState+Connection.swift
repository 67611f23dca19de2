package import MusterModel

extension AgentState {
    /// Places and keys of more packages than a device ever sees.
    private static let mostServers = 16
    private static let mostPins = 64

    /// Takes the addresses, proxy and pins of a connection file into a device that is enrolled: root put it there. The identity stays, and the
    /// token is not used.
    ///
    /// The new addresses are tried first; the old ones stay behind them, so that a package with a wrong address cuts no device off.
    /// - Throws: `otherServer` when none of the file's keys is one this device knows: its identity is worth nothing there.
    package func take(_ file: ConnectionFile) throws(AgentError) {
        let (known, places) = (try pins(), try servers())
        guard file.pins.contains(where: known.contains) else {
            throw AgentError(
                .otherServer,
                """
                the connection file is another server's, and this device is enrolled at its own: nothing was changed. To move it to that \
                server: stop the agent, then muster-agent enrol --replace --connection-file FILE
                """)
        }
        let pins = file.pins + known.filter { !file.pins.contains($0) }
        let servers = file.servers + places.filter { !file.servers.contains($0) }
        try setConnection(
            servers: Array(servers.prefix(Self.mostServers)), proxy: file.proxy, noticePort: file.udpPort,
            pins: Array(pins.prefix(Self.mostPins)))
    }
}
