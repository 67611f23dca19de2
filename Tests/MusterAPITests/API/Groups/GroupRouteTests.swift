import Foundation
import MusterAPI
import MusterModel
import MusterServer
import NIOHTTP1
import Testing

/// Groups, and devices in them, over the API.
struct GroupRouteTests {
    @Test func aGroupIsNamedByItsPathOrId() async throws {
        try await APIFixture.with { api in
            let warsaw = try await api.group("/Warsaw")
            let office = try await api.group("/Warsaw/Front office")
            #expect(office.parent == warsaw.id && office.path == "/Warsaw/Front office")
            for reference in [office.id.description, "%2FWarsaw%2FFront%20office"] {
                let answer = try await api.client.get("/api/v1/groups/\(reference)")
                #expect(try answer.value(GroupEntry.self) == office, "\(reference)")
                #expect(answer.headers.first(name: "ETag") == "\"1\"")
            }
            let root: GroupEntry = try await api.client.get("/api/v1/groups/%2F").value()
            #expect(root.id == .root && root.path == "/")
            let list: Page<GroupEntry> = try await api.client.get(APIPath.groups).value()
            #expect(list.items.map(\.path) == ["/", "/Warsaw", "/Warsaw/Front office"])
            let first: Page<GroupEntry> = try await api.client.get("\(APIPath.groups)?limit=2").value()
            let next: Page<GroupEntry> = try await api.client.get(
                "\(APIPath.groups)?limit=2&cursor=\(try #require(first.next))"
            ).value()
            #expect(next.items == [office] && next.next == nil)
        }
    }

    @Test func whatTheTreeDoesNotTakeIsRefused() async throws {
        try await APIFixture.with { api in
            _ = try await api.group("/Warsaw")
            for (path, status) in [("Warsaw", 400), ("/", 400), ("/Kraków/Office", 400), ("/Warsaw", 409), ("/..", 409)] {
                let answer = try await api.client.send(.POST, APIPath.groups, json: #"{"path":"\#(path)"}"#)
                #expect(answer.status == status, "\(path): \(String(describing: answer.problem))")
            }
            let ring = try await api.client.send(
                .PATCH, "/api/v1/groups/%2FWarsaw", json: #"{"parent":"/Warsaw"}"#)
            #expect(ring.status == 409 && ring.problem?.detail.contains("under itself") == true)
            let root = try await api.client.send(.DELETE, "/api/v1/groups/%2F")
            #expect(root.status == 409)
        }
    }

    @Test func aGroupIsRenamedAndMovedByTheRevisionSeen() async throws {
        try await APIFixture.with { api in
            let group = try await api.group("/Warsaw")
            _ = try await api.group("/Poland")
            let moved = try await api.client.send(
                .PATCH, "/api/v1/groups/\(group.id)", json: #"{"parent":"/Poland","name":"Warszawa"}"#,
                headers: [("If-Match", "\"1\"")])
            let entry: GroupEntry = try moved.value()
            #expect(entry.path == "/Poland/Warszawa" && entry.revision == 3)
            let stale = try await api.client.send(
                .PATCH, "/api/v1/groups/\(group.id)", json: #"{"name":"x"}"#, headers: [("If-Match", "\"1\"")])
            #expect(stale.status == 412)
        }
    }

    @Test func aGroupInUseIsDeletedOnlyWhenToldWhatBecomesOfIt() async throws {
        try await APIFixture.with { api in
            let group = try await api.group("/Warsaw")
            let device = try await api.device("alpha")
            try await api.move(device, to: "/Warsaw")
            #expect(try await api.client.get("/api/v1/groups/\(group.id)").value(GroupEntry.self).devices == 1)
            let path = "/api/v1/groups/%2FWarsaw"
            let refused = try await api.client.send(.DELETE, path)
            #expect(
                refused.problem?.knownCode == .groupInUse && refused.problem?.detail.contains("1 device placed in it") == true)
            #expect(refused.problem?.errors?.map(\.field) == ["devicesTo", "deleteDevices"])
            #expect(try await api.client.send(.DELETE, path + "?devicesTo=%2FKrak%C3%B3w").status == 400)
            #expect(try await api.client.send(.DELETE, path + "?devicesTo=%2F&deleteDevices=true").status == 400)
            let deleted = try await api.client.send(.DELETE, path + "?devicesTo=unassigned")
            #expect(try deleted.value(DeletedGroup.self) == DeletedGroup(id: group.id, devices: 1, policies: 0, rules: 0))
            let entry: DeviceEntry = try await api.client.get("/api/v1/devices/\(device)").value()
            #expect(entry.group == nil && entry.placement == .fixed)

            _ = try await api.group("/Kraków")
            try await api.move(device, to: "/Kraków")
            #expect(try await api.client.send(.DELETE, "/api/v1/groups/%2FKrak%C3%B3w?deleteDevices=true").status == 200)
            #expect(api.backend.with { $0.deleted } == [device])
            #expect(try await api.client.get("/api/v1/devices/\(device)").status == 404)
        }
    }

    @Test func aGroupThatExpressionsNameIsNotDeletedUnlessTheyAreToStay() async throws {
        try await APIFixture.with { api in
            try await api.group("/Warsaw")
            for number in 1...6 {
                let body = #"{"name":"s\#(number)","filter":"group = /Warsaw"}"#
                #expect(try await api.client.send(.POST, APIPath.selections, json: body).status == 201)
            }
            let policy = #"""
                {"name":"Agent","application":"network-agent","group":"/",
                "profiles":[{"name":"There","when":"group = /Warsaw","settings":{}}]}
                """#
            #expect(try await api.client.send(.POST, APIPath.policies, json: policy).status == 201)
            let path = "/api/v1/groups/%2FWarsaw"
            let refused = try #require(try await api.client.send(.DELETE, path).problem)
            #expect(refused.knownCode == .groupInUse && refused.errors?.map(\.field) == ["leaveExpressions"])
            #expect(refused.detail.contains("6 selections that name it ('s1', 's2', 's3', 's4', 's5' and 1 more)"), "\(refused)")
            #expect(refused.detail.contains("1 policy profile that names it ('There' of 'Agent')"), "\(refused)")
            #expect(try await api.client.send(.DELETE, path + "?leaveExpressions=true").status == 200)
        }
    }

    @Test func devicesAreMovedByHandAndGivenBackToTheRules() async throws {
        try await APIFixture.with { api in
            let group = try await api.group("/Warsaw")
            let device = try await api.device("alpha")
            try await api.move(device, to: group.id.description)
            let again: ChangedDevices = try await api.client.send(
                .PATCH, APIPath.devices, json: #"{"devices":["\#(device)"],"group":"/Warsaw","addTags":["web"]}"#
            ).value()
            #expect(again == ChangedDevices(devices: 1, changed: 1), "the tag is new, the place is not")
            let same: ChangedDevices = try await api.client.send(
                .PATCH, APIPath.devices, json: #"{"devices":["\#(device)"],"group":"/Warsaw","addTags":["web"]}"#
            ).value()
            #expect(same == ChangedDevices(devices: 1, changed: 0))
            var entry: DeviceEntry = try await api.client.get("/api/v1/devices/\(device)").value()
            #expect(entry.group == GroupReference(id: group.id, path: "/Warsaw") && entry.placement == .fixed)
            entry = try await api.client.send(
                .PATCH, "/api/v1/devices/\(device)", json: #"{"group":"automatic"}"#,
                headers: [("If-Match", "\"\(entry.revision)\"")]
            ).value()
            #expect(entry.group?.path == "/" && entry.placement == .automatic)
            let wrong = try await api.client.send(.PATCH, "/api/v1/devices/\(device)", json: #"{"group":"/Nowhere"}"#)
            #expect(wrong.problem?.errors?.first?.allowed?.contains("unassigned") == true)
            let nobody = try await api.client.send(
                .PATCH, APIPath.devices, json: #"{"devices":["\#(DeviceID.random())"],"group":"/"}"#)
            #expect(nobody.problem?.errors?.first?.field == "devices")
            #expect(try await api.client.send(.PATCH, APIPath.devices, json: #"{"devices":["\#(device)"]}"#).status == 400)
        }
    }

    @Test func tokensAndPackagesSayWhereDevicesCome() async throws {
        try await APIFixture.with { api in
            let group = try await api.group("/Office")
            let target = #""group":"/Office","tags":["b","a"],"approval":true"#
            #expect(try await api.client.send(.POST, APIPath.enrolmentTokens, json: "{\(target)}").status == 201)
            let tokens: Page<EnrolmentTokenEntry> = try await api.client.get(APIPath.enrolmentTokens).value()
            let token = try #require(tokens.items.first)
            #expect(token.group?.id == group.id && token.tags == ["a", "b"] && token.approval && !token.permanentConnection)
            let made: PackageEntry = try await api.client.send(
                .POST, APIPath.packages, json: #"{"name":"office","servers":["192.0.2.1"],\#(target)}"#
            ).value()
            #expect(made.group?.path == "/Office" && made.tags == ["a", "b"] && made.approval)
            let edited: PackageEntry = try await api.client.send(
                .PATCH, APIPath.filled(APIPath.onePackage, made.id), json: #"{"group":null,"tags":[]}"#
            ).value()
            #expect(edited.group == nil && edited.tags == [] && edited.approval)
            for (body, field) in [(#"{"group":"/Nowhere"}"#, "group"), (#"{"tags":["a b"]}"#, "tags")] {
                let answer = try await api.client.send(.POST, APIPath.enrolmentTokens, json: body)
                #expect(answer.problem?.errors?.first?.field == field)
            }
        }
    }

    @Test func theDefaultGroupIsWhereNoRuleMoves() async throws {
        try await APIFixture.with { api in
            let group = try await api.group("/New")
            let before: DefaultGroupSetting = try await api.client.get(APIPath.defaultGroup).value()
            #expect(before.group?.path == "/" && before.revision == 0)
            let set: DefaultGroupSetting = try await api.client.send(.PUT, APIPath.defaultGroup, json: #"{"group":"/New"}"#)
                .value()
            #expect(set.group?.id == group.id)
            let refused = try await api.client.send(.DELETE, "/api/v1/groups/\(group.id)")
            #expect(refused.problem?.detail.contains("default group") == true)
            let none: DefaultGroupSetting = try await api.client.send(
                .PUT, APIPath.defaultGroup, json: #"{"group":"unassigned"}"#
            ).value()
            #expect(none.group == nil)
        }
    }
}

extension APIFixture {
    @discardableResult
    func group(_ path: String) async throws -> GroupEntry {
        try await client.send(.POST, APIPath.groups, json: #"{"path":"\#(path)"}"#).value()
    }

    func move(_ device: DeviceID, to group: String) async throws {
        let changed: ChangedDevices = try await client.send(
            .PATCH, APIPath.devices, json: #"{"devices":["\#(device)"],"group":"\#(group)"}"#
        ).value()
        #expect(changed.devices == 1)
    }
}
