extension ApplicationManifest {
    /// Settings of the Network Agent itself. *Do not disconnect* is none of these: it is a property of a device, with a limit.
    package static let networkAgent = ApplicationManifest(
        id: .networkAgent, title: "Network Agent",
        settings: [
            SettingDeclaration(
                NetworkAgentKey.syncInterval, .duration(SyncInterval.allowed),
                standard: .duration(SyncInterval.standard.duration),
                title: "Synchronization interval", help: "How often the device synchronizes by itself."),
            SettingDeclaration(
                NetworkAgentKey.connectionRequests, .onOff, standard: .onOff(true), title: "Take connection requests",
                help: "Whether the agent listens on its UDP port, so that the server can ask it to connect at once."),
            SettingDeclaration(
                NetworkAgentKey.requestPort,
                .number(Int64(RequestSettings.allowedPorts.lowerBound)...Int64(RequestSettings.allowedPorts.upperBound)),
                standard: .number(Int64(RequestSettings.standardPort)), title: "UDP port", help: "Where it listens for them."),
            SettingDeclaration(
                NetworkAgentKey.firewall, .onOff, standard: .onOff(false), title: "Open the UDP port in the device's firewall",
                help: "The agent lets the port through ufw, firewalld or nftables, whichever the device uses."),
            SettingDeclaration(
                NetworkAgentKey.serverAddresses, .list(.serverAddress, maximum: 16), title: "Server addresses",
                help: "Where the device finds the server, in the order it tries. Used on trial: the device goes back by itself "
                    + "when no synchronization completes. Not set: it goes on with those it has."),
            SettingDeclaration(
                NetworkAgentKey.proxy, .text(.proxy), title: "Proxy",
                help: "An HTTP proxy on the way to the server addresses; looked at only where those are set."),
            SettingDeclaration(
                NetworkAgentKey.proxyPassword, .secret, title: "Proxy password", help: "For the user named in the proxy."),
            SettingDeclaration(
                NetworkAgentKey.eventsHeld, .number(AgentSettings.allowedEventsHeld),
                standard: .number(AgentSettings.standardEventsHeld), title: "Events held",
                help: "So many events wait on the device for the server at most; past it the least severe and oldest make room, "
                    + "and the gap is shown."),
            SettingDeclaration(
                NetworkAgentKey.inventorySources, .choices(InventorySettings.knownSources),
                standard: .list(InventorySettings.knownSources),
                title: "Sources of installed applications", help: "What is read for the list of installed applications."),
            SettingDeclaration(
                NetworkAgentKey.inventoryHardware, .onOff, standard: .onOff(true), title: "Report hardware",
                help: "Processor, memory, disks, network interfaces, firmware identity."),
        ])
}

/// Keys of the Network Agent's settings.
package enum NetworkAgentKey {
    package static let syncInterval = "sync-interval"
    package static let connectionRequests = "connection-requests"
    package static let requestPort = "request-port"
    package static let firewall = "firewall"
    package static let serverAddresses = "server-addresses"
    package static let proxy = "proxy"
    package static let proxyPassword = "proxy-password"
    package static let eventsHeld = "events-held"
    package static let inventorySources = "inventory-sources"
    package static let inventoryHardware = "inventory-hardware"
}
