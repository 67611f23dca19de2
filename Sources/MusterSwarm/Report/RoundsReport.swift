import FoundationEssentials

/// What `muster-swarm synchronizations` and `handshakes` print.
package struct RoundsReport: Codable, Sendable {
    package var valid: Bool
    package var problems: [String]
    package var kind: String
    package var count: Int
    package var durationSeconds: Double
    package var perSecond: Double
    /// TCP connect to Done, or to the end of a bare handshake's connection.
    package var time: TimeReport
    package var bytesSent: Int
    package var bytesReceived: Int
    /// Both ways, TLS included, for one.
    package var bytesEach: Double

    package init(_ result: RoundsRun.Result) {
        valid = result.problems.isEmpty
        problems = result.problems
        kind = result.kind.rawValue
        count = result.asked
        durationSeconds = Double(result.elapsed.nanoseconds) / 1_000_000_000
        perSecond = durationSeconds > 0 ? Double(count) / durationSeconds : 0
        time = TimeReport(result.tally.synchronizationTime)
        bytesSent = result.tally.bytesSent
        bytesReceived = result.tally.bytesReceived
        bytesEach = count > 0 ? Double(bytesSent + bytesReceived) / Double(count) : 0
    }

    package var table: String {
        Rows.text([
            (kind, "\(count) in \(durationSeconds.text) s, \(perSecond.text) a second"),
            ("connect to end", time.text),
            ("TCP payload each", "\(bytesEach.text) bytes (\(bytesSent) sent, \(bytesReceived) received in all)"),
            ("valid", valid ? "yes" : "no: " + problems.joined(separator: "; ")),
        ])
    }
}
