import Foundation
import MusterTestKit
import Testing

/// `kill -9` of the agent and of the server at any moment, while runs are ordered: each begins at most once, and none is lost.
@Suite(.fewAtATime)
struct RunKillTests {
    @Test(arguments: DatabaseKind.allCases)
    func eachRunBeginsOnceAndItsEndIsKnown(database: DatabaseKind) async throws {
        var chance = SeededGenerator(printedFor: "runs killed")
        let site = try await TaskSite(database: database)
        // As many tasks as rounds: one that waits already for the device is not ordered a second time.
        let rounds = database == .sqlite ? 25 : 10
        for round in 1...rounds { try await site.makeTask("Round \(round)", "sleep 0.\(round % 4)") }
        for round in 1...rounds {
            try await site.server.muster("tasks", "run", "Round \(round)").succeeded()
            try await chance.pause(0...250)
            let choice = Int.random(in: 0...2, using: &chance)
            if choice != 1 { try await site.server.kill() }
            if choice != 0 { try await site.agent.kill() }
            if choice != 1 { try await site.server.start() }
            if choice != 0 { try await site.agent.start() }
        }
        try await eventually("every run has ended") {
            let runs = try await site.server.musterJSON("runs", "list", "--limit", "10000")
            return runs.count == rounds && runs.allSatisfy { $0.text("ended") != nil }
        }
        let runs = try await site.server.musterJSON("runs", "list", "--limit", "10000")
        #expect(runs.texts("state") == Array(repeating: "succeeded", count: rounds))
        #expect(site.marks.count == rounds && Set(site.marks) == Set(runs.texts("id")), "each once")
        for type in ["task-started", "task-finished"] {
            #expect(try await site.site.events(type).count == rounds, "one event of each")
        }
    }
}
