import Foundation
import MusterAPI
import MusterModel
import MusterStore
import MusterWire
import NIOHTTP1
import Testing

@testable import MusterServer

/// `applications` and `manifests`: those that are not built in.
struct ApplicationRouteTests {
    private func manifest(_ version: String, most: Int = 65535) throws -> ExternalManifest {
        try ExternalManifest(
            json: Array(
                """
                {"id": "web", "version": "\(version)", "title": "Web server", "settings": [
                 {"key": "port", "type": "number", "minimum": 1, "maximum": \(most), "title": "Port"}]}
                """.utf8))
    }

    /// As a device reports it.
    private func report(_ manifests: [ExternalManifest], to api: APIFixture) async throws {
        let device = try await api.device("web-1")
        let document = ReportedDocument(
            device: device, session: .max, name: .manifests, digest: Digest(truncating: [1]), body: [])
        _ = try await api.store.storeManifests(
            manifests.map {
                ReportedManifest(application: $0.application, version: $0.version, digest: $0.digest, body: $0.bytes)
            }, document, now: APIFixture.now)
    }

    private func web(_ api: APIFixture) async throws -> ApplicationEntry? {
        let page: Page<ApplicationEntry> = try await api.client.get(APIPath.applications).value()
        return page.items.first { $0.id == "web" }
    }

    private func decide(_ digest: Digest, _ isAccepted: Bool, _ api: APIFixture) async throws -> ManifestEntry {
        try await api.client.send(.PUT, APIPath.filled(APIPath.manifest, digest), json: #"{"accepted":\#(isAccepted)}"#).value()
    }

    private let policy = #"{"name":"Web","application":"web","group":"/","settings":{"port":{"value":8080}}}"#

    @Test func untilItIsAcceptedNothingCanBeSet() async throws {
        try await APIFixture.with { api in
            let manifest = try manifest("1.0")
            try await report([manifest], to: api)
            let waiting = try #require(try await web(api))
            #expect(waiting.standing == "not-accepted" && waiting.title == "Web server")
            #expect(waiting.manifests?.map(\.digest) == [manifest.digest.description])
            #expect(waiting.settings.map(\.key) == ["port"])
            let refused = try await api.client.send(.POST, APIPath.policies, json: policy)
            #expect(refused.problem?.errors?.first?.field == "application")
            let accepted = try await decide(manifest.digest, true, api)
            #expect(accepted.standing == "accepted" && accepted.decidedBy?.hasPrefix("api-token") == true)
            #expect(try await web(api)?.standing == "accepted")
            #expect(try await api.client.send(.POST, APIPath.policies, json: policy).status == 201)
            #expect(try await decide(manifest.digest, false, api).standing == "rejected")
            #expect(try await web(api)?.standing == "rejected")
            let another = policy.replacingOccurrences(of: #""Web""#, with: #""Other""#)
            #expect(try await api.client.send(.POST, APIPath.policies, json: another).status == 400)
        }
    }

    @Test func whatIsSetAnewGoesByTheOneAcceptedLast() async throws {
        try await APIFixture.with { api in
            let (old, new) = (try manifest("1.0", most: 100), try manifest("2.0"))
            try await report([old], to: api)
            try await report([new], to: api)
            _ = try await decide(old.digest, true, api)
            #expect(try await api.client.send(.POST, APIPath.policies, json: policy).status == 400, "past its maximum")
            _ = try await decide(new.digest, true, api)
            #expect(try await api.client.send(.POST, APIPath.policies, json: policy).status == 201)
            #expect(try await web(api)?.settings.first?.allowed == "1…65535")
        }
    }

    /// With a task that is limited by reach, and one that is not.
    private func manifest(withTasks version: String, others: String = "") throws -> ExternalManifest {
        try ExternalManifest(
            json: Array(
                """
                {"id": "web", "version": "\(version)", "title": "Web server", "settings": [], "tasks": [\(others)
                 {"type": "move", "title": "Move", "settings": [
                  {"key": "where", "type": "text", "format": "path", "title": "Where", "required": true}]}]}
                """.utf8))
    }

    private let move = #"{"name":"Move","application":"web","type":"move","group":"/","settings":{"where":"/a"}}"#

    @Test func untilItIsAcceptedItHasNoTasks() async throws {
        try await APIFixture.with { api in
            let manifest = try manifest(withTasks: "1.0")
            try await report([manifest], to: api)
            #expect(try await web(api)?.manifests?.first?.tasks.map(\.type) == ["move"])
            let refused = try await api.client.send(.POST, APIPath.tasks, json: move)
            #expect(refused.problem?.errors?.first?.field == "application")
            _ = try await decide(manifest.digest, true, api)
            let task: TaskEntry = try await api.client.send(.POST, APIPath.tasks, json: move).value()
            #expect(task.settings == ["where": .text("/a")])
            let wrong = move.replacingOccurrences(of: "/a", with: "a")
            #expect(
                try await api.client.send(.POST, APIPath.tasks, json: wrong).problem?.errors?.first?.field == "settings.where")
            _ = try await decide(manifest.digest, false, api)
            #expect(try await api.client.send(.POST, APIPath.tasks, json: move).status == 400)
        }
    }

    @Test func tasksGoToDevicesWhoseManifestIsAcceptedAndKnowsThem() async throws {
        try await APIFixture.with { api in
            let (old, new) = (
                try manifest(withTasks: "1.0"), try manifest(withTasks: "2.0", others: #"{"type":"l","title":"L"},"#)
            )
            let devices = try await api.managedDevices("a", "b", "c")
            let web = try #require(ApplicationID("web"))
            api.backend.with {
                $0.manifests = [devices[0]: [web: old.digest], devices[1]: [web: new.digest]]
            }
            try await report([old], to: api)
            try await report([new], to: api)
            _ = try await decide(old.digest, true, api)
            let task: TaskEntry = try await api.client.send(.POST, APIPath.tasks, json: move).value()
            func run(_ json: String) async throws -> HTTPSClient.Answer {
                try await api.client.send(.POST, APIPath.filled(APIPath.taskRun, task.id), json: json)
            }
            let order: ActionOrderEntry = try await run("{}").value()
            #expect(order.total == 1, "of the others one has another manifest, and one has none")
            for device in devices[1...] {
                let refused = try await run(#"{"devices":["\#(device)"]}"#)
                #expect(refused.problem?.errors?.first?.detail.contains("manifest is accepted") == true)
                let page: Page<DeviceTaskEntry> = try await api.client.get(APIPath.filled(APIPath.deviceTasks, device)).value()
                #expect(page.items.map(\.code) == ["notGiven"] && page.items.map(\.state) == ["refused"])
            }
            _ = try await decide(new.digest, true, api)
            let another: ActionOrderEntry = try await run("{}").value()
            #expect(another.total == 2)
        }
    }

    @Test func whatIsNoManifestIsNotFound() async throws {
        try await APIFixture.with { api in
            for path in ["x", String(repeating: "0", count: 32), "0f"] {
                let answer = try await api.client.send(
                    .PUT, APIPath.filled(APIPath.manifest, path), json: #"{"accepted":true}"#)
                #expect(answer.status == 404)
            }
        }
    }
}
