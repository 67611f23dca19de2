import MusterAPI
import MusterModel
import MusterStore

/// `devices/{id}/connections`: the history of a device's connections, the newest first. What is not written yet is part of it. A device
/// that was deleted keeps its own, so that it can be seen that it still comes and is refused.
struct ConnectionRoutes: Sendable {
    let services: APIServices

    @Sendable func list(_ call: APICall) async throws -> APIReply {
        let device: DeviceID = try call.id("device")
        let unwritten = services.backend.unwrittenConnections(of: device)
        let store = services.store
        let page = try await ListPage(call.query, cursor: \ConnectionRecord.number) { before, limit in
            let written = try await store.fetchConnections(of: device, before: before, limit: limit)
            return Self.merged(written, unwritten.filter { $0.number < before ?? .max }, limit: limit)
        }
        if page.records.isEmpty, try await store.fetchDevice(device) == nil { throw Problem.notFound("device") }
        return try page.reply(ConnectionEntry.init)
    }

    /// What memory has is newer than what is written.
    static func merged(_ written: [ConnectionRecord], _ unwritten: [ConnectionRecord], limit: Int) -> [ConnectionRecord] {
        let known = Set(unwritten.map(\.number))
        let all = unwritten + written.filter { !known.contains($0.number) }
        return Array(all.sorted { $0.number > $1.number }.prefix(limit))
    }
}
