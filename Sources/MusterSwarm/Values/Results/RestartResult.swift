/// What came of a restart, and whether it counts.
package struct RestartResult: Codable, Sendable {
    package var devices: Int
    /// Before the restart: synchronized, and of those with a permanent connection.
    package var synchronized: Int
    package var permanent: Int
    package var isRestarted = false
    /// From the ready file to each device's synchronization, in order.
    package var returns: [Duration] = []
    package var tally = Tally()
    package var isInterrupted = false

    package init(devices: Int, synchronized: Int, permanent: Int) {
        self.devices = devices
        self.synchronized = synchronized
        self.permanent = permanent
    }

    /// Why it does not count; empty when it does. Connections that fail are what a restart is made of: they are told, not counted against it.
    package var problems: [String] {
        if isInterrupted { return ["interrupted before the end"] }
        if synchronized < devices { return ["\(devices - synchronized) devices did not synchronize before the restart"] }
        if permanent < devices {
            return [
                "\(devices - permanent) devices have no permanent connection: tick 'Do not disconnect', and look at the limit"
            ]
        }
        if !isRestarted { return ["the server was not restarted: its ready file is the old one, or there is none"] }
        return returns.count < devices ? ["\(devices - returns.count) of \(devices) devices did not come back"] : []
    }

    /// By when so much of the fleet was back; nil when it was not.
    package func time(of fraction: Double) -> Duration? {
        let wanted = Int((fraction * Double(devices)).rounded(.up))
        return wanted > 0 && wanted <= returns.count ? returns[wanted - 1] : nil
    }
}
