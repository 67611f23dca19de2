import MusterAPI
import MusterModel
import MusterStore

/// `actions`: what devices are to do now.
struct ActionRoutes: Sendable {
    let services: APIServices

    @Sendable func order(_ call: APICall) async throws -> APIReply {
        let wanted = try await call.body(OrderAction.self)
        guard let kind = ActionKind(code: wanted.kind), kind.standsAlone else {
            throw Problem.member(
                "kind", "There is no action '\(wanted.kind)'.",
                allowed: ActionKind.allCases.filter(\.standsAlone).map(\.code).joined(separator: ", "))
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
        let question = DeviceQuestion(filter: wanted.filter, selection: wanted.selection, isParameter: false)
        if wanted.all == true {
            guard wanted.devices == nil else { throw Problem.member("devices", "It does not go with 'all'.") }
            guard question.isEmpty else { throw Problem.member("filter", "It does not go with 'all'.") }
            return nil
        }
        guard let chosen = try await services.devices(question) else {
            guard let devices = wanted.devices, !devices.isEmpty else {
                throw Problem.member("devices", "Name devices, give a filter or a selection, or say 'all': true.")
            }
            return try await services.known(devices, maximum: OrderAction.maximumDevices)
        }
        guard wanted.devices == nil else { throw Problem.member("devices", "It does not go with 'filter' and 'selection'.") }
        guard !chosen.isEmpty else { throw Problem.member("filter", "It holds for no device.") }
        return chosen
    }

    @Sendable func get(_ call: APICall) async throws -> APIReply {
        try .ok(ActionOrderEntry(try await record(call)))
    }

    /// The newest first.
    @Sendable func list(_ call: APICall) async throws -> APIReply {
        let (store, now) = (services.store, services.now())
        return try await ListPage(call.query, cursor: \ActionOrderRecord.cursor) { after, limit in
            try await store.fetchActionOrders(before: after, limit: limit, now: now)
        }.reply { ActionOrderEntry($0) }
    }

    private func record(_ call: APICall) async throws -> ActionOrderRecord {
        guard let order = try await services.store.fetchActionOrder(try call.id("action"), now: services.now()) else {
            throw Problem.notFound("action")
        }
        return order
    }

    @Sendable func devices(_ call: APICall) async throws -> APIReply {
        let order = try await record(call)
        let (store, now) = (services.store, services.now())
        let page = try await ListPage(call.query, cursor: \ActionRecord.id) { after, limit in
            try await store.fetchActions(of: order, after: after, limit: limit, now: now)
        }
        let backend = services.backend
        return try page.reply(page.records.map { ActionEntry($0, liveness: backend.liveness(of: $0.device)) })
    }

    @Sendable func cancel(_ call: APICall) async throws -> APIReply {
        let id: ActionOrderID = try call.id("action")
        guard try await services.backend.cancel(id, principal: call.principal.audit) != nil else {
            throw Problem.notFound("action")
        }
        try await services.stop(try await services.store.fetchUnbegunRuns(of: id), by: call.principal)
        return try .ok(ActionOrderEntry(try await record(call)))
    }
}
