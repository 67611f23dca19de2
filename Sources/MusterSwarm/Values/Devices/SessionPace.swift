/// How long a permanent connection may be silent: as the agent's own session clock has it.
enum SessionPace {
    static let intervalsBeforeDeath = 2.5
    static let standardPingInterval = Duration.seconds(60)
}
