import Foundation
import MusterTestKit
import Testing

/// Automatic synchronization: the agent comes by itself when the interval is over. This waits for the shortest there is, a minute, which
/// begins anew each time another test changes packages.
@Suite
struct IntervalTests {
    @Test func theDeviceSynchronizesByItself() async throws {
        let site = try await Site()
        try await site.server.muster("settings", "set", "sync-interval", "1m").succeeded()
        try await site.agent.sync()
        try await site.agent.sync()
        let before = quietSynchronizations(site)
        let last = try await site.server.device(site.device).text("lastSynchronization")
        try await eventually("it came by itself", within: .seconds(300), state: { String(site.agent.log.suffix(2000)) }) {
            quietSynchronizations(site) > before
        }
        try await eventually("the server knows") {
            try await site.server.device(site.device).text("lastSynchronization") != last
        }
    }

    /// Those that nothing on the device caused: neither an event nor a changed document, which other tests' packages would be.
    private func quietSynchronizations(_ site: Site) -> Int {
        site.agent.log.split(separator: "\n").count { line in
            line.contains("synchronized") && line.contains("documents=0") && line.contains("events=0")
        }
    }
}
