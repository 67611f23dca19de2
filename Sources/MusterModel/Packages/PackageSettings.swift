package enum InstallationPackageEntity {}
package typealias InstallationPackageID = EntityID<InstallationPackageEntity>

/// What an **installation package** says: its tab *Settings*. Pins, the server's certificate and a token come in at each download.
package struct PackageSettings: Hashable, Sendable {
    /// One line each of the properties' tab: more than anybody has ways to a server.
    package static let maximumServers = 16
    /// From a minute to a year, as any enrolment token.
    package static let allowedTokenLife: ClosedRange<Duration> = .minutes(1) ... .days(366)
    package static let standardTokenLife = Duration.days(14)
    package static let allowedTokenUses: ClosedRange<Int64> = 1...1_000_000
    package static let standardTokenUses: Int64 = 100

    /// Where the agent finds the server, in the order tried; entered by hand, not empty.
    package var servers: [ServerAddress]
    /// Where shutdown notices go. The standard one leaves it to the server, which tells its own; another is that of a router in front of it.
    package var udpPort: UInt16
    package var proxy: ProxyAddress?
    /// What a device that enrols by it has as its own: nil takes what holds for all.
    package var own: DeviceSettings
    /// Ticks *Do not disconnect* for each device that enrols by it, as far as the limit lets.
    package var permanentConnection: Bool
    /// Where a device comes that enrols by it.
    package var target: EnrolmentTarget
    /// Of the token in each download.
    package var tokenLife: Duration
    package var tokenUses: Int64

    package init(
        servers: [ServerAddress], udpPort: UInt16 = ServerAddress.standardPort, proxy: ProxyAddress? = nil,
        own: DeviceSettings = .none, permanentConnection: Bool = false, tokenLife: Duration = standardTokenLife,
        tokenUses: Int64 = standardTokenUses, target: EnrolmentTarget = .none
    ) {
        self.servers = servers
        self.udpPort = udpPort
        self.proxy = proxy
        self.own = own
        self.permanentConnection = permanentConnection
        self.target = target
        self.tokenLife = tokenLife
        self.tokenUses = tokenUses
    }
}
