/// What installation packages are made of, beside what the store knows.
package struct PackageSources: Sendable {
    package static let standardAgentBase = "/usr/share/muster/muster-agent_amd64.deb"

    /// The agent's package without a connection file, which the server's own package brings.
    package var agentBase: String
    /// The certificate shown to agents now, DER.
    package var serverCertificate: @Sendable () -> [UInt8]?
    /// The addresses of a name.
    package var resolve: @Sendable (_ name: String) async -> NameResolution

    package init(
        agentBase: String = standardAgentBase, serverCertificate: @escaping @Sendable () -> [UInt8]? = { nil },
        resolve: @escaping @Sendable (_ name: String) async -> NameResolution = NameResolution.system
    ) {
        self.agentBase = agentBase
        self.serverCertificate = serverCertificate
        self.resolve = resolve
    }
}
