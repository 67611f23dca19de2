import MusterAPI
import MusterModel
import MusterStore

/// `devices`.
struct DeviceRoutes: Sendable {
    let services: APIServices

    @Sendable func list(_ call: APICall) async throws -> APIReply {
        let limit = try call.query.limit()
        let after = try Cursor.decoded(call.query, as: DeviceCursor.self)
        let page = try await services.store.fetchDevices(after: after, limit: limit)
        return try .ok(
            Page(items: page.items.map { entry($0) }, next: try page.next.map(Cursor.encoded)))
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
        let entry = entry(device)
        return try .ok(entry, revision: entry.revision)
    }

    private func entry(_ device: DeviceSummary) -> DeviceEntry {
        DeviceEntry(device, liveness: services.backend.liveness(of: device.id))
    }
}
