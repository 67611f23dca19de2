import Foundation
import MusterAPI
import MusterModel
import MusterStore
import MusterWire
import NIOHTTP1
import Testing

@testable import MusterServer

/// Whoever brings devices into the scope of a scheduled task that is limited by reach has ordered it for them.
struct ReachTests {
    /// Devices a and b stay where rules and the default group have them; a token reaches one device an hour.
    private struct Site {
        let api: APIFixture
        let client: HTTPSClient
        let devices: [DeviceID]

        init(_ api: APIFixture) async throws {
            self.api = api
            devices = try await api.managedDevices("a", "b")
            let token: CreatedAPIToken = try await api.client.send(
                .POST, APIPath.apiTokens, json: #"{"name":"small","role":"administrator","reach":1}"#
            ).value()
            client = api.client(token.token)
        }

        /// - Parameter scope: as JSON members.
        func schedule(_ scope: String) async throws {
            let answer = try await client.send(
                .POST, APIPath.tasks,
                json:
                    #"{"name":"S","application":"services","type":"script","schedule":"daily 03:00","settings":{"text":"true"},\#(scope)}"#
            )
            #expect(answer.status == 201, "\(String(decoding: answer.body, as: UTF8.self))")
        }

        func group(_ path: String) async throws -> GroupEntry {
            try await client.send(.POST, APIPath.groups, json: #"{"path":"\#(path)"}"#).value()
        }

        func selection(_ filter: String) async throws -> SelectionEntry {
            try await client.send(.POST, APIPath.selections, json: #"{"name":"few","filter":"\#(filter)"}"#).value()
        }

        /// It is refused to this token, changes nothing, and an administrator with an unlimited one may do it.
        func refuses(_ method: HTTPMethod, _ path: String, _ json: String? = nil) async throws {
            let groups = devices.map { api.backend.place(of: $0) }
            let refused = try await client.send(method, path, json: json ?? "")
            #expect(refused.problem?.knownCode == .reachExceeded, "\(String(decoding: refused.body, as: UTF8.self))")
            #expect(devices.map { api.backend.place(of: $0) } == groups)
            let done = try await unlimited().send(method, path, json: json ?? "")
            #expect((200...204).contains(done.status), "\(String(decoding: done.body, as: UTF8.self))")
        }

        func unlimited() async throws -> HTTPSClient {
            let token: CreatedAPIToken = try await api.client.send(
                .POST, APIPath.apiTokens, json: #"{"name":"big","role":"administrator","reach":"unlimited"}"#
            ).value()
            return api.client(token.token)
        }

        /// The device has connectors that say these, as it reports.
        func report(_ manifests: [ExternalManifest], of device: DeviceID) async throws {
            let document = ReportedDocument(
                device: device, session: .max, name: .manifests, digest: Digest(truncating: [1]), body: [])
            let reported = manifests.map {
                ReportedManifest(application: $0.application, version: $0.version, digest: $0.digest, body: $0.bytes)
            }
            _ = try await api.store.storeManifests(reported, document, now: APIFixture.now)
            let held = Dictionary(uniqueKeysWithValues: manifests.map { ($0.application, $0.digest) })
            api.backend.with { $0.manifests[device] = held }
        }

        func path(_ manifest: ExternalManifest) -> String { APIPath.filled(APIPath.manifest, manifest.digest) }

        func accept(_ manifest: ExternalManifest) async throws -> HTTPSClient.Answer {
            try await client.send(.PUT, path(manifest), json: #"{"accepted":true}"#)
        }

        var both: String { devices.map { "\"\($0)\"" }.joined(separator: ",") }
    }

    private func withSite(_ body: (Site) async throws -> Void) async throws {
        try await APIFixture.with(configure: TaskManifests.use) { api in try await body(Site(api)) }
    }

    @Test func anEditedSelection() async throws {
        try await withSite { site in
            let few = try await site.selection("name = a")
            try await site.schedule(#""selection":"few""#)
            let path = APIPath.filled(APIPath.selection, few.id)
            // One was counted when the task was made; another selection of the same devices is none more.
            #expect(try await site.client.send(.PATCH, path, json: #"{"filter":"name = A"}"#).status == 200)
            try await site.refuses(.PATCH, path, #"{"filter":"name ~ *"}"#)
        }
    }

    @Test func tags() async throws {
        try await withSite { site in
            _ = try await site.selection("tag = few")
            try await site.schedule(#""selection":"few""#)
            func tag(_ tag: String, _ device: Int) async throws -> HTTPSClient.Answer {
                try await site.client.send(
                    .PATCH, APIPath.filled(APIPath.device, site.devices[device]), json: #"{"addTags":["\#(tag)"]}"#)
            }
            #expect(try await tag("few", 0).status == 200)
            #expect(try await tag("other", 1).status == 200)
            try await site.refuses(.PATCH, APIPath.devices, #"{"devices":[\#(site.both)],"addTags":["few"]}"#)
        }
    }

    @Test func names() async throws {
        try await withSite { site in
            _ = try await site.selection("name ~ few-*")
            try await site.schedule(#""selection":"few""#)
            func path(_ device: Int) -> String { APIPath.filled(APIPath.device, site.devices[device]) }
            #expect(try await site.client.send(.PATCH, path(0), json: #"{"name":"few-1"}"#).status == 200)
            try await site.refuses(.PATCH, path(1), #"{"name":"few-2"}"#)
        }
    }

    @Test func rules() async throws {
        try await withSite { site in
            _ = try await site.group("/Few")
            try await site.schedule(#""group":"/Few""#)
            let rule: RuleEntry = try await site.client.send(
                .POST, APIPath.movingRules, json: #"{"name":"one","when":"name = a","to":"/Few"}"#
            ).value()
            #expect(site.api.backend.place(of: site.devices[0])?.group != .root)
            try await site.refuses(.PATCH, APIPath.filled(APIPath.movingRule, rule.id), #"{"when":"name ~ *"}"#)
        }
    }

    @Test func rulesForTags() async throws {
        try await withSite { site in
            _ = try await site.selection("tag = few")
            try await site.schedule(#""selection":"few""#)
            try await site.refuses(.POST, APIPath.tagRules, #"{"name":"all","when":"name ~ *","tag":"few"}"#)
        }
    }

    @Test func aGroupThatIsMovedBelowIt() async throws {
        try await withSite { site in
            let (_, other) = (try await site.group("/Few"), try await site.group("/Other"))
            let moved = try await site.client.send(
                .PATCH, APIPath.devices, json: #"{"devices":[\#(site.both)],"group":"/Other"}"#)
            #expect(moved.status == 200)
            try await site.schedule(#""group":"/Few""#)
            try await site.refuses(.PATCH, APIPath.filled(APIPath.group, other.id), #"{"parent":"/Few"}"#)
        }
    }

    @Test func aGroupWhoseDevicesGoThere() async throws {
        try await withSite { site in
            let (_, other) = (try await site.group("/Few"), try await site.group("/Other"))
            _ = try await site.client.send(.PATCH, APIPath.devices, json: #"{"devices":[\#(site.both)],"group":"/Other"}"#)
            try await site.schedule(#""group":"/Few""#)
            try await site.refuses(.DELETE, APIPath.filled(APIPath.group, other.id) + "?devicesTo=/Few")
        }
    }

    @Test func theDefaultGroup() async throws {
        try await withSite { site in
            _ = try await site.group("/Few")
            try await site.schedule(#""group":"/Few""#)
            try await site.refuses(.PUT, APIPath.defaultGroup, #"{"group":"/Few"}"#)
        }
    }

    /// A tag that no task asks for, and a selection that no device is in, are nothing each; together they are two devices.
    @Test(arguments: 0..<8) func twoChangesAtOnceThatAreMuchTogether(_ attempt: Int) async throws {
        try await withSite { site in
            let few = try await site.selection("tag = none")
            try await site.schedule(#""selection":"few""#)
            async let tagged = site.client.send(
                .PATCH, APIPath.devices, json: #"{"devices":[\#(site.both)],"addTags":["few"]}"#)
            async let selected = site.client.send(
                .PATCH, APIPath.filled(APIPath.selection, few.id), json: #"{"filter":"tag = few"}"#)
            let statuses = [try await tagged.status, try await selected.status]
            #expect(statuses.sorted() == [200, 409], "the one that came second is refused")
        }
    }

    @Test func anAcceptedManifest() async throws {
        try await withSite { site in
            let (one, two) = (try Self.manifest("1.0"), try Self.manifest("2.0"))
            for (device, manifest) in zip(site.devices, [one, two]) { try await site.report([manifest], of: device) }
            #expect(try await site.accept(one).status == 200, "no task is there yet")
            // For both, made by somebody who may: the device a alone is given it.
            let unlimited = try await site.unlimited()
            let made = try await unlimited.send(
                .POST, APIPath.tasks,
                json: #"{"name":"S","application":"web","type":"move","schedule":"daily 03:00","group":"/"}"#)
            #expect(made.status == 201, "\(String(decoding: made.body, as: UTF8.self))")
            #expect(try await site.accept(two).status == 200, "b is one, as many as this token reaches")
            // Rejected and accepted anew it is nobody new within the hour; but with a manifest that a has there are two.
            #expect(try await unlimited.send(.PUT, site.path(two), json: #"{"accepted":false}"#).status == 200)
            #expect(try await site.accept(two).status == 200)
            let three = try Self.manifest("3.0")
            try await site.report([three], of: site.devices[0])
            try await site.refuses(.PUT, site.path(three), #"{"accepted":true}"#)
        }
    }

    /// One device's connector may not take the limit from the tasks of others.
    @Test func aTypeThatOneVersionLimitsIsLimitedInAll() async throws {
        try await withSite { site in
            let (one, two) = (try Self.manifest("1.0"), try Self.manifest("2.0", isLimited: false))
            for (device, manifest) in zip(site.devices, [one, two]) { try await site.report([manifest], of: device) }
            for manifest in [one, two] { #expect(try await site.accept(manifest).status == 200) }
            let refused = try await site.client.send(
                .POST, APIPath.tasks,
                json: #"{"name":"S","application":"web","type":"move","schedule":"daily 03:00","group":"/"}"#)
            #expect(refused.problem?.knownCode == .reachExceeded)
            #expect(try await site.client.send(.PUT, site.path(one), json: #"{"accepted":false}"#).status == 200)
            let made = try await site.client.send(
                .POST, APIPath.tasks,
                json: #"{"name":"S","application":"web","type":"move","schedule":"daily 03:00","group":"/"}"#)
            #expect(made.status == 201)
        }
    }

    private static func manifest(_ version: String, isLimited: Bool = true) throws -> ExternalManifest {
        let text = """
            {"id":"web","version":"\(version)","title":"Web","settings":[],
             "tasks":[{"type":"move","title":"Move","limited":\(isLimited)}]}
            """
        return try ExternalManifest(json: Array(text.utf8))
    }
}
