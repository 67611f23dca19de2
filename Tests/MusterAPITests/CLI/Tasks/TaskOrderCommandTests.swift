import MusterAPI
import MusterModel
import MusterStore
import MusterTestKit
import NIOHTTP1
import Testing

@testable import MusterServer

/// `muster tasks run-once`, and what orders are refused for, against the real API.
struct TaskOrderCommandTests {
    private let script = ["tasks", "run-once", "--application", "services", "--type", "script", "--set", "text=true"]

    @Test func devicesComeAfterValues() async throws {
        try await APIFixture.with(configure: TaskManifests.use) { api in
            _ = try await api.managedDevices("krk-pc-01")
            let muster = try MusterCommand(api)
            let ordered = try await muster.run(script + ["krk-pc-01"]).succeeded().output
            let task = try #require(try await api.store.fetchTasks().first)
            #expect(ordered.contains("The task stays. To delete it: muster tasks delete \(task.id)"), "\(ordered)")
            try await muster(
                "tasks", "edit", "--unset", "password", "--set", "text=false", task.id.description
            ).succeeded()
            try await muster(
                "policies", "create", "--application", "network-agent", "--group", "/", "--set", "sync-interval=5m", "--lock",
                "sync-interval", "Standard"
            ).succeeded()
        }
    }

    @Test func anOrderThatIsRefusedLeavesNoTask() async throws {
        try await APIFixture.with(configure: TaskManifests.use) { api in
            _ = try await api.managedDevices("krk-pc-01", "a", "b")
            let muster = try MusterCommand(api)
            try await muster("devices", "move", "krk-pc-01", "--unassigned").succeeded()
            let unassigned = try await muster.run(script + ["krk-pc-01", "a"])
            #expect(unassigned.status == 1, "\(unassigned.output)")
            #expect(unassigned.error.contains("The device 'krk-pc-01' is in Unassigned"), "\(unassigned.error)")
            #expect(unassigned.error.contains("muster devices move 'krk-pc-01' --to GROUP"), "\(unassigned.error)")
            #expect(try await api.store.fetchTasks().isEmpty)

            let token: CreatedAPIToken = try await api.client.send(
                .POST, APIPath.apiTokens, json: #"{"name":"small","role":"administrator","reach":1}"#
            ).value()
            let short = try MusterCommand(api, token: token.token)
            let far = try await short.run(script + ["a", "b"])
            #expect(far.status == 1 && far.error.contains("reach"), "\(far.error)")
            #expect(try await api.store.fetchTasks().isEmpty)
        }
    }

    @Test func whatHasEndedIsNotStopped() async throws {
        try await APIFixture.with(configure: TaskManifests.use) { api in
            _ = try await api.managedDevices("a")
            let muster = try MusterCommand(api)
            try await muster.run(script + ["a"]).succeeded()
            let run = try #require(try await api.store.fetchRuns(.init(), limit: 1).first)
            func stop() async throws -> String { try await muster("runs", "stop", run.id.description).succeeded().output }
            #expect(try await stop().contains("it is cancelled"))
            #expect(try await stop().contains("it had ended already; nothing was stopped"))
        }
    }
}
