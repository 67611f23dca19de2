/// When the UDP port and the firewall before it are looked at again, step by step: a failure may come at any moment between two looks. Rules only.
struct ListeningPace {
    /// A port that another program has may become free.
    static let step = Duration.seconds(60)
    /// 10 minutes: a firewall may have been loaded anew. Looking costs up to 0.2 s of a processor where there is one.
    static let longest = 10

    private var steps = 0

    /// One step is over. - Returns: whether it is time to look.
    mutating func stepped(hasFailed: Bool) -> Bool {
        steps += 1
        guard hasFailed || steps >= Self.longest else { return false }
        steps = 0
        return true
    }
}
