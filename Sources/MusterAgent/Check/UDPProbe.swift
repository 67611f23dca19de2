/// What can be said of UDP in both directions.
enum UDPProbe {
    static func look() async -> [CheckFinding] {
        [
            CheckFinding(
                .udp, .notTried, "notSupported",
                "this agent takes no connection requests and sends no shutdown notices: TCP is all that is needed")
        ]
    }
}
