import MusterModel

/// What `muster-swarm restart` prints; the JSON's names are what scripts rely on.
package struct RestartReport: Codable, Sendable {
    package var valid: Bool
    package var problems: [String]
    package var devices: Int
    package var returned: Int
    /// From the ready file, until so much of the fleet was synchronized again; absent when it was not.
    package var halfSeconds: Double?
    package var p90Seconds: Double?
    package var p99Seconds: Double?
    package var lastSeconds: Double?
    /// TCP connections that were begun since the server stopped, and how those that did no good ended.
    package var connections: Int
    package var errors: [String: Int]
    package var bytesSent: Int
    package var bytesReceived: Int

    package init(_ result: RestartResult) {
        problems = result.problems
        valid = problems.isEmpty
        devices = result.devices
        returned = result.returns.count
        halfSeconds = result.time(of: 0.5).map(Self.seconds)
        p90Seconds = result.time(of: 0.9).map(Self.seconds)
        p99Seconds = result.time(of: 0.99).map(Self.seconds)
        lastSeconds = result.time(of: 1).map(Self.seconds)
        connections = result.tally.connections
        errors = Dictionary(uniqueKeysWithValues: result.tally.errors.map { ($0.key.code, $0.value) })
        bytesSent = result.tally.bytesSent
        bytesReceived = result.tally.bytesReceived
    }

    private static func seconds(_ duration: Duration) -> Double {
        (Double(duration.nanoseconds) / 1_000_000).rounded() / 1000
    }

    package var table: String {
        func text(_ seconds: Double?) -> String { seconds.map { "\($0.text) s" } ?? "never" }
        return Rows.text([
            ("devices", "\(devices), \(returned) back"),
            (
                "synchronized again",
                "half \(text(halfSeconds)), 90 % \(text(p90Seconds)), 99 % \(text(p99Seconds)) after the ready file"
            ),
            ("the last", text(lastSeconds)),
            (
                "connections",
                "\(connections) begun"
                    + errors.sorted { $0.key < $1.key }.map { ", \($0.value) × \($0.key)" }.joined()
            ),
            ("TCP payload", "\(bytesSent) bytes sent, \(bytesReceived) received"),
            ("valid", valid ? "yes" : "no: " + problems.joined(separator: "; ")),
        ])
    }
}
