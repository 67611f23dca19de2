import MusterAPI
import MusterModel
import MusterStore

/// `actions`: what devices are to do now.
struct ActionRoutes: Sendable {
    let services: APIServices

    @Sendable func order(_ call: APICall) async throws -> APIReply {
        let wanted = try await call.body(OrderAction.self)
        guard let kind = ActionKind(code: wanted.kind) else {
            throw Problem.member(
                "kind", "There is no action '\(wanted.kind)'.", allowed: ActionKind.allCases.map(\.code).joined(separator: ", "))
        }
        let allowed = OrderAction.allowedSeconds
        let seconds = wanted.expiresAfterSeconds ?? OrderAction.standardSeconds
        guard allowed.contains(seconds) else {
            throw Problem.member(
                "expiresAfterSeconds", "\(seconds) s is not allowed.", allowed: "\(allowed.lowerBound)…\(allowed.upperBound)")
        }
        let order = try await services.backend.order(
            kind, for: try await devices(wanted), expires: services.now() + .seconds(seconds), principal: call.principal.audit)
        return try .created(ActionOrderEntry(order))
    }

    /// Nil: all.
    private func devices(_ wanted: OrderAction) async throws -> [DeviceID]? {
        if wanted.all == true {
            guard wanted.devices == nil else { throw Problem.member("devices", "It does not go with 'all'.") }
            return nil
        }
        guard let devices = wanted.devices, !devices.isEmpty else {
            throw Problem.member("devices", "Name devices, or say 'all': true.")
        }
        guard devices.count <= OrderAction.maximumDevices else {
            throw Problem.member("devices", "There are \(devices.count).", allowed: "1…\(OrderAction.maximumDevices)")
        }
        let known = try await services.store.fetchDeviceNames(of: devices)
        if let unknown = devices.first(where: { known[$0] == nil }) {
            throw Problem.member("devices", "There is no device \(unknown).")
        }
        return devices
    }

    @Sendable func get(_ call: APICall) async throws -> APIReply {
        guard let order = try await services.store.fetchActionOrder(try call.id("action")) else {
            throw Problem.notFound("action")
        }
        return try .ok(ActionOrderEntry(order))
    }

    @Sendable func devices(_ call: APICall) async throws -> APIReply {
        let id: ActionOrderID = try call.id("action")
        let store = services.store
        guard try await store.fetchActionOrder(id) != nil else { throw Problem.notFound("action") }
        let page = try await ListPage(call.query, cursor: \ActionRecord.id) { after, limit in
            try await store.fetchActions(of: id, after: after, limit: limit)
        }
        return try page.reply(
            page.records.map { action in
                let next = services.backend.liveness(of: action.device)?.nextSynchronization
                return ActionEntry(action, nextSynchronization: action.progress.isFinal ? nil : next)
            })
    }

    @Sendable func cancel(_ call: APICall) async throws -> APIReply {
        let id: ActionOrderID = try call.id("action")
        guard try await services.backend.cancel(id, principal: call.principal.audit) != nil else {
            throw Problem.notFound("action")
        }
        guard let order = try await services.store.fetchActionOrder(id) else { throw Problem.notFound("action") }
        return try .ok(ActionOrderEntry(order))
    }
}
