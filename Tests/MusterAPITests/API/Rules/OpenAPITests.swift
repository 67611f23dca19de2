import Foundation
import HTTPTypes
import MusterAPI
import MusterServer
import Testing

/// `openapi.json` and the table of routes say the same, both ways.
struct OpenAPITests {
    @Test func documentAndTableAgree() async throws {
        try await APIFixture.with { api in
            let answer = try await api.client.get(APIPath.openAPI)
            let document = try #require(try JSONSerialization.jsonObject(with: answer.body) as? [String: Any])
            #expect(document["openapi"] as? String == "3.1.0")
            var documented = Self.operations(document)
            for row in api.table.rows {
                let name = "\(row.method.rawValue) \(row.path)"
                let found = documented.removeValue(forKey: name)
                let operation = try #require(found, "\(name) is not in openapi.json")
                #expect(Self.query(operation) == Set(row.query), "\(name)")
                #expect(operation["x-muster-access"] as? String == row.access.rawValue, "\(name)")
            }
            #expect(documented.keys.sorted() == [], "in openapi.json only")
        }
    }

    @Test func bodiesHaveTheMembersTheDocumentNames() async throws {
        try await APIFixture.with { api in
            let answer = try await api.client.get(APIPath.openAPI)
            let document = try #require(try JSONSerialization.jsonObject(with: answer.body) as? [String: Any])
            let bodies: [String: any ChangeRequest.Type] = [
                "ChangeDevice": ChangeDevice.self, "CreateEnrolmentToken": CreateEnrolmentToken.self,
                "CreateAPIToken": CreateAPIToken.self, "SetSyncInterval": SetSyncInterval.self,
                "PackageChange": PackageChange.self,
                "SetPermanentConnectionLimit": SetPermanentConnectionLimit.self, "OrderAction": OrderAction.self,
                "SetConnectionSettings": SetConnectionSettings.self, "CreatePolicy": CreatePolicy.self,
                "ChangePolicy": ChangePolicy.self, "RestorePolicy": RestorePolicy.self,
                "ChangeDeviceSettings": ChangeDeviceSettings.self,
                "CreateGroup": CreateGroup.self,
                "ChangeGroup": ChangeGroup.self, "SetDefaultGroup": SetDefaultGroup.self, "ChangeDevices": ChangeDevices.self,
                "RuleChange": RuleChange.self, "OrderRules": OrderRules.self, "SelectionChange": SelectionChange.self,
                "CreateTask": CreateTask.self, "ChangeTask": ChangeTask.self, "RunTask": RunTask.self,
            ]
            var used: Set<String> = []
            for operation in Self.operations(document).values {
                let reference = Self.at(operation, "requestBody", "content", "application/json", "schema")?["$ref"] as? String
                if let reference { used.insert(String(reference.split(separator: "/").last ?? "")) }
            }
            #expect(used == Set(bodies.keys))
            for (name, body) in bodies {
                let schema = try #require(Self.at(document, "components", "schemas", name))
                #expect(Set((schema["properties"] as? [String: Any] ?? [:]).keys) == Set(body.members), "\(name)")
                #expect(schema["additionalProperties"] as? Bool == false, "\(name)")
            }
        }
    }

    @Test func everyReferenceLeadsSomewhere() async throws {
        try await APIFixture.with { api in
            let answer = try await api.client.get(APIPath.openAPI)
            let document = try #require(try JSONSerialization.jsonObject(with: answer.body) as? [String: Any])
            for reference in Self.references(document) {
                let path = reference.split(separator: "/").dropFirst().map(String.init)
                #expect(Self.at(document, path) != nil, "\(reference)")
            }
        }
    }

    private static func operations(_ document: [String: Any]) -> [String: [String: Any]] {
        var operations: [String: [String: Any]] = [:]
        for (path, item) in document["paths"] as? [String: [String: Any]] ?? [:] {
            for (method, operation) in item {
                var operation = operation as? [String: Any] ?? [:]
                let parameters = (operation["parameters"] as? [[String: Any]] ?? []).compactMap { parameter in
                    (parameter["$ref"] as? String)
                        .flatMap { at(document, $0.split(separator: "/").dropFirst().map(String.init)) }
                }
                operation["parameters"] = parameters
                operations["\(method.uppercased()) \(path)"] = operation
            }
        }
        return operations
    }

    private static func query(_ operation: [String: Any]) -> Set<String> {
        let parameters = operation["parameters"] as? [[String: Any]] ?? []
        return Set(parameters.filter { $0["in"] as? String == "query" }.compactMap { $0["name"] as? String })
    }

    private static func at(_ object: [String: Any], _ path: String...) -> [String: Any]? { at(object, path) }

    private static func at(_ object: [String: Any], _ path: [String]) -> [String: Any]? {
        path.reduce(Optional(object)) { object, key in object?[key] as? [String: Any] }
    }

    private static func references(_ value: Any) -> Set<String> {
        if let object = value as? [String: Any] {
            let here = (object["$ref"] as? String).map { Set([$0]) } ?? []
            return object.values.reduce(into: here) { $0.formUnion(references($1)) }
        }
        return (value as? [Any] ?? []).reduce(into: []) { $0.formUnion(references($1)) }
    }
}
