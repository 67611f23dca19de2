import MusterAPI
import MusterModel
import MusterStore

/// `devices`.
struct DeviceRoutes: Sendable {
    let services: APIServices

    @Sendable func list(_ call: APICall) async throws -> APIReply {
        let store = services.store
        let among = try wantedState(call.query).map(services.backend.devices)
        let page = try await ListPage(call.query, cursor: \DeviceRecord.cursor) { after, limit in
            guard let among else { return try await store.fetchDevices(after: after, limit: limit) }
            return try await store.fetchDevices(among: among, after: after, limit: limit)
        }
        return try page.reply(try await entries(page.records))
    }

    private func wantedState(_ query: QueryParameters) throws(Problem) -> ConnectionState? {
        guard let text = query["state"] else { return nil }
        guard let state = ConnectionState(code: text) else {
            throw .parameter(
                "state", "'\(text.prefix(32))' is not a connection state.",
                allowed: ConnectionState.allCases.map(\.code).joined(separator: ", "))
        }
        return state
    }

    @Sendable func get(_ call: APICall) async throws -> APIReply {
        let id: DeviceID = try call.id("device")
        return try await reply(id)
    }

    @Sendable func rename(_ call: APICall) async throws -> APIReply {
        let id: DeviceID = try call.id("device")
        let expected = try call.expectedRevision()
        let wanted = try await call.body(RenameDevice.self)
        try NameRule.check(wanted.name, member: "name")
        _ = try await services.store.renameDevice(
            id, name: wanted.name, expectedRevision: expected, principal: call.principal.audit, now: services.now())
        return try await reply(id)
    }

    @Sendable func delete(_ call: APICall) async throws -> APIReply {
        let id: DeviceID = try call.id("device")
        guard try await services.store.deleteDevice(id, principal: call.principal.audit, now: services.now()) else {
            throw Problem.notFound("device")
        }
        await services.backend.deviceDeleted(id)
        return .noContent
    }

    private func reply(_ id: DeviceID) async throws -> APIReply {
        guard let device = try await services.store.fetchDevice(id) else { throw Problem.notFound("device") }
        let entries = try await entries([device])
        return try .ok(entries.first, revision: device.revision)
    }

    private func entries(_ devices: [DeviceRecord]) async throws -> [DeviceEntry] {
        let counts = try await services.store.fetchInstalledCounts(of: devices.map(\.id))
        let refusals = try await services.lastRefusals(of: devices.map(\.id))
        return devices.map { device in
            DeviceEntry(
                device, installedCount: counts[device.id] ?? 0, liveness: services.backend.liveness(of: device.id),
                lastRefusal: refusals[device.id])
        }
    }
}
