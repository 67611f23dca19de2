import Foundation
import MusterAPI
import MusterModel
import MusterServer
import NIOHTTP1
import Testing

/// Tags, moving rules, tag rules, selections and filters over the API.
struct RuleRouteTests {
    @Test func tagsAreGivenAndTakenByHand() async throws {
        try await APIFixture.with { api in
            let device = try await api.device("alpha")
            let path = "/api/v1/devices/\(device)"
            var entry: DeviceEntry = try await api.client.send(.PATCH, path, json: #"{"addTags":["web","old"]}"#).value()
            #expect(entry.tags == ["old", "web"] && entry.ownTags == ["old", "web"])
            entry = try await api.client.send(.PATCH, path, json: #"{"removeTags":["old"],"addTags":["new"]}"#).value()
            #expect(entry.tags == ["new", "web"])
            for body in [#"{"addTags":["a b"]}"#, #"{"addTags":["a"],"removeTags":["a"]}"#] {
                #expect(try await api.client.send(.PATCH, path, json: body).status == 400, "\(body)")
            }
        }
    }

    @Test func theFirstMovingRuleThatHoldsDecides() async throws {
        try await APIFixture.with { api in
            _ = try await api.group("/Web")
            _ = try await api.group("/Other")
            let device = try await api.device("web1")
            try await api.backend.devicesEdited([device])
            let other = try await api.rule("moving", #"{"name":"all","when":"name ~ *","to":"/Other"}"#)
            #expect(try await api.place(device) == "/Other")
            let web = try await api.rule("moving", #"{"name":"web","when":"name ~ web*","to":"/Web"}"#)
            #expect(web.position == 2 && web.to?.path == "/Web")
            #expect(try await api.place(device) == "/Other", "the first decides")
            let order = #"{"order":["\#(web.id)","\#(other.id)"]}"#
            let effect: RuleEffect = try await api.client.send(.PUT, "\(APIPath.movingRules)?dryRun=true", json: order).value()
            #expect(effect.moved == 1 && effect.devices.first?.from == "/Other" && effect.devices.first?.to == "/Web")
            #expect(try await api.place(device) == "/Other", "a dry run changes nothing")
            let ordered: Page<RuleEntry> = try await api.client.send(.PUT, APIPath.movingRules, json: order).value()
            #expect(ordered.items.map(\.name) == ["web", "all"])
            #expect(try await api.place(device) == "/Web")
            let path = APIPath.filled(APIPath.movingRule, web.id)
            let off: RuleEntry = try await api.client.send(
                .PATCH, path, json: #"{"enabled":false}"#, headers: [("If-Match", "\"1\"")]
            ).value()
            #expect(!off.enabled && off.revision == 2)
            #expect(try await api.place(device) == "/Other")
            #expect(try await api.client.send(.DELETE, path, headers: [("If-Match", "\"1\"")]).status == 412)
            #expect(try await api.client.send(.DELETE, path).status == 204)
            #expect(try await api.client.get(APIPath.movingRules).value(Page<RuleEntry>.self).items.map(\.name) == ["all"])
        }
    }

    @Test func whatARuleMayNotAskIsRefusedWhenItIsWritten() async throws {
        try await APIFixture.with { api in
            for (kind, body) in [
                ("moving", #"{"name":"r","when":"group = /","to":"/"}"#),
                ("moving", #"{"name":"r","when":"status = ok","to":"/"}"#),
                ("tag", #"{"name":"r","when":"tag = a","tag":"b"}"#), ("tag", #"{"name":"r","when":"group = /","tag":"b"}"#),
            ] {
                let answer = try await api.client.send(.POST, "/api/v1/\(kind)-rules", json: body)
                #expect(answer.problem?.errors?.first?.field == "when", "\(body)")
                #expect(answer.problem?.errors?.first?.allowed?.contains("os") == true, "\(body)")
            }
            let misspelt = try await api.client.send(
                .POST, APIPath.tagRules, json: #"{"name":"r","when":"name = a and statsu = ok","tag":"b"}"#)
            let error = try #require(misspelt.problem?.errors?.first)
            #expect(error.column == 14 && error.detail.contains("'status'"))
            for (kind, body, field) in [
                ("moving", #"{"name":"r","when":"name = a"}"#, "to"), ("tag", #"{"name":"r","when":"name = a"}"#, "tag"),
                ("moving", #"{"name":"r","when":"name = a","to":"/","tag":"x"}"#, "tag"),
                ("tag", #"{"name":"r","when":"name = a","tag":"x","to":"/"}"#, "to"),
                ("tag", #"{"name":"r\n","when":"name = a","tag":"x"}"#, "name"),
                ("moving", #"{"name":"r","when":"name = a","to":"/x"}"#, "to"),
                ("tag", #"{"name":"r","when":"name = a","tag":"x y"}"#, "tag"),
            ] {
                let answer = try await api.client.send(.POST, "/api/v1/\(kind)-rules", json: body)
                #expect(answer.problem?.errors?.first?.field == field, "\(body)")
            }
        }
    }

    @Test func aTagRuleGivesItsTagAsLongAsItHolds() async throws {
        try await APIFixture.with { api in
            let device = try await api.device("web1")
            try await api.backend.devicesEdited([device])
            let rule = try await api.rule("tag", #"{"name":"web","when":"name ~ web*","tag":"web"}"#)
            var entry: DeviceEntry = try await api.client.get("/api/v1/devices/\(device)").value()
            #expect(entry.tags == ["web"] && entry.ownTags == [])
            entry = try await api.client.send(.PATCH, "/api/v1/devices/\(device)", json: #"{"name":"db1"}"#).value()
            #expect(entry.tags == [])
            #expect(try await api.client.send(.DELETE, APIPath.filled(APIPath.tagRule, rule.id)).status == 204)
        }
    }

    @Test func selectionsAndFiltersChooseDevices() async throws {
        try await APIFixture.with { api in
            let (alpha, beta) = (try await api.device("alpha"), try await api.device("beta"))
            try await api.installed(alpha, [.init(source: "dpkg", name: "openssl", version: "3.0.16-1")])
            try await api.backend.devicesEdited([alpha, beta])
            _ = try await api.client.send(.PATCH, "/api/v1/devices/\(beta)", json: #"{"addTags":["web"]}"#)
            func names(_ query: String) async throws -> [String] {
                try await api.client.get("/api/v1/devices?\(query)").value(Page<DeviceEntry>.self).items.map(\.name)
            }
            #expect(try await names("filter=tag%20%3D%20web") == ["beta"])
            #expect(try await names("filter=installed+openssl+%3C+3.0.17") == ["alpha"])
            #expect(try await names("filter=not+installed+openssl") == ["beta"])
            #expect(try await names("filter=group+%3D+/") == ["alpha", "beta"])
            let created = try await api.client.send(
                .POST, APIPath.selections, json: #"{"name":"Web servers","filter":"tag = web"}"#)
            let selection: SelectionEntry = try created.value()
            #expect(try await names("selection=\(selection.id)") == ["beta"])
            #expect(try await names("selection=Web+servers") == ["beta"])
            #expect(try await names("selection=Web+servers&filter=name+%3D+alpha") == [])
            let edited: SelectionEntry = try await api.client.send(
                .PATCH, "/api/v1/selections/Web%20servers", json: #"{"filter":"tag != web"}"#, headers: [("If-Match", "\"1\"")]
            ).value()
            #expect(edited.revision == 2)
            #expect(try await names("selection=\(selection.id)") == ["alpha"])
            let bad = try await api.client.get("/api/v1/devices?filter=tag+like+web")
            #expect(bad.status == 400 && bad.problem?.errors?.first?.column == 5)
            #expect(try await api.client.get("/api/v1/devices?selection=none").status == 400)
            #expect(
                try await api.client.send(.POST, APIPath.selections, json: #"{"name":"x","filter":"tag"}"#).problem?.errors?
                    .first?.field == "filter")
            let order: ActionOrderEntry = try await api.client.send(
                .POST, APIPath.actions, json: #"{"kind":"synchronize","selection":"Web servers"}"#
            ).value()
            #expect(order.total == 1)
            #expect(try await api.client.send(.DELETE, "/api/v1/selections/\(selection.id)").status == 204)
            #expect(try await api.client.get("/api/v1/selections/\(selection.id)").status == 404)
        }
    }
}

extension APIFixture {
    func rule(_ kind: String, _ body: String) async throws -> RuleEntry {
        let answer = try await client.send(.POST, "/api/v1/\(kind)-rules", json: body)
        #expect(answer.status == 201)
        return try answer.value()
    }

    func place(_ device: DeviceID) async throws -> String? {
        try await client.get("/api/v1/devices/\(device)").value(DeviceEntry.self).group?.path
    }
}
