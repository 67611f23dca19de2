import MusterAPI
import MusterModel
import MusterStore

/// `installed`, of all devices, of one, and searched.
struct InstalledRoutes: Sendable {
    let services: APIServices

    @Sendable func list(_ call: APICall) async throws -> APIReply { try await page(call, device: nil) }

    @Sendable func listOfDevice(_ call: APICall) async throws -> APIReply {
        let id: DeviceID = try call.id("device")
        guard try await services.store.fetchDevice(id) != nil else { throw Problem.notFound("device") }
        return try await page(call, device: id)
    }

    private func page(_ call: APICall, device: DeviceID?) async throws -> APIReply {
        let store = services.store
        return try await ListPage(call.query, cursor: \InstalledRecord.cursor) { after, limit in
            try await store.fetchInstalled(device: device, after: after, limit: limit)
        }.reply(InstalledEntry.init)
    }

    @Sendable func search(_ call: APICall) async throws -> APIReply {
        guard let name = call.query["name"], !name.isEmpty else { throw Problem.parameter("name", "It is missing.") }
        let comparison = try comparison(call.query)
        let store = services.store
        return try await ListPage(call.query, cursor: \InstalledRecord.cursor) { after, limit in
            try await store.findInstalled(name: name, comparison: comparison, after: after, limit: limit)
        }.reply(InstalledEntry.init)
    }

    /// `op` and `version` come together or not at all.
    private func comparison(_ query: QueryParameters) throws(Problem) -> VersionComparison? {
        let allowed = VersionOperator.allCases.map(\.rawValue).joined(separator: ", ")
        switch (query["op"], query["version"]) {
        case (nil, nil): return nil
        case (nil, _): throw .parameter("op", "It is missing: 'version' is given.", allowed: allowed)
        case (_, nil): throw .parameter("version", "It is missing: 'op' is given.")
        case (let op?, let version?):
            guard let comparison = VersionOperator(rawValue: op) else {
                throw .parameter("op", "'\(op.prefix(16))' is not a comparison.", allowed: allowed)
            }
            guard (1...255).contains(version.utf8.count) else {
                throw .parameter("version", "It is empty or too long.", allowed: "1…255 bytes")
            }
            return VersionComparison(comparison.stored, version)
        }
    }
}
