import MusterAPI
import MusterModel
import MusterStore

/// `copies`, `devices/{id}/split` and `devices/{id}/same`: devices that come from several machines, and what is decided about them.
struct CopyRoutes: Sendable {
    /// How long machines that are refused may become devices of their own after it was decided: whoever has the copied key could go on for as
    /// long as this.
    private static let splitting = Duration.hours(24)

    let services: APIServices

    @Sendable func list(_ call: APICall) async throws -> APIReply {
        let (store, backend) = (services.store, services.backend)
        let copied = backend.copiedDevices()
        return try await ListPage(call.query, cursor: \DeviceRecord.cursor) { after, limit in
            try await store.fetchDevices(among: copied.map(\.device), after: after, limit: limit)
        }.reply { device in
            let facts = copied.first { $0.device == device.id }
            return CopiedDeviceEntry(
                id: device.id, name: device.name, since: device.copies.since ?? services.now(),
                splitUntil: device.copies.splitUntil, address: facts?.address,
                refused: facts?.refused.map { .init(address: $0.address, lastRefused: $0.last) } ?? [])
        }
    }

    @Sendable func split(_ call: APICall) async throws -> APIReply {
        let id: DeviceID = try call.id("device")
        let now = services.now()
        let end = now + Self.splitting
        let outcome = try await services.store.splitCopies(of: id, until: end, principal: call.principal.audit, now: now)
        return try decided(outcome) { services.backend.copiesSplit(id, until: end) }
    }

    @Sendable func same(_ call: APICall) async throws -> APIReply {
        let id: DeviceID = try call.id("device")
        let outcome = try await services.store.forgetCopies(of: id, principal: call.principal.audit, now: services.now())
        return try decided(outcome) { services.backend.copiesForgotten(id) }
    }

    private func decided(_ outcome: ToldChange, _ act: () -> Void) throws(Problem) -> APIReply {
        switch outcome {
        case .noDevice: throw .notFound("device")
        case .unchanged: throw .noCopies
        case .changed(let position):
            act()
            services.backend.eventStored(at: position)
            return .noContent
        }
    }
}
