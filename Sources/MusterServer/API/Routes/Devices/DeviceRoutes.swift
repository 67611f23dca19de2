import HummingbirdCore
import MusterAPI
import MusterModel
import MusterStore
import NIOCore

/// `devices`.
struct DeviceRoutes: Sendable {
    let services: APIServices

    @Sendable func list(_ call: APICall) async throws -> APIReply {
        let store = services.store
        let among = try await wanted(call.query)
        let page = try await ListPage(call.query, cursor: \DeviceRecord.cursor) { after, limit in
            guard let among else { return try await store.fetchDevices(after: after, limit: limit) }
            return try await store.fetchDevices(among: among, after: after, limit: limit)
        }
        return try page.reply(try await entries(page.records))
    }

    /// Nil: all.
    private func wanted(_ query: QueryParameters) async throws -> [DeviceID]? {
        let inState = try wantedState(query).map(services.backend.devices)
        let question = DeviceQuestion(filter: query["filter"], selection: query["selection"], isParameter: true)
        guard let chosen = try await services.devices(question) else { return inState }
        return inState.map { Array(Set($0).intersection(chosen)) } ?? chosen
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

    /// What changed is counted since a day, unless another time is given.
    @Sendable func overview(_ call: APICall) async throws -> APIReply {
        let since = try call.query.value("since", as: Timestamp.self, expected: "a time as 2026-11-24T14:30:00Z")
        return try .ok(services.backend.overview(since: since ?? services.now() - .days(1)))
    }

    /// Keeps the device connected while somebody reads.
    @Sendable func watch(_ call: APICall) async throws -> APIReply {
        let id: DeviceID = try call.id("device")
        guard try await services.store.fetchDevice(id) != nil else { throw Problem.notFound("device") }
        let authenticator = services.authenticator
        let headers = call.request.headers
        let watcher = DeviceWatcher(services: services, device: id, channel: call.channel) {
            _ = try await authenticator.principal(headers)
        }
        let (seats, backend) = (services.followers, services.backend)
        guard seats.take() else { throw Problem.tooManyFollowers(seats.maximum) }
        guard await backend.watchBegan(id) else {
            seats.leave()
            throw Problem.tooManyWatched
        }
        return .stream { writer in
            defer {
                backend.watchEnded(id)
                seats.leave()
            }
            try await call.request.body.consumeWithInboundCloseHandler { _ in
                try await watcher.run(&writer)
            } onInboundClosed: {
                call.channel.close(promise: nil)
            }
        }
    }

    @Sendable func change(_ call: APICall) async throws -> APIReply {
        let id: DeviceID = try call.id("device")
        var expected = try call.expectedRevision()
        let wanted = try await call.body(ChangeDevice.self)
        if let name = wanted.name { try NameRule.check(name, member: "name") }
        // First what may be refused.
        if let isOn = wanted.permanentConnection {
            try await ReachGuard(services: services, principal: call.principal).check(
                ProspectiveChange(devices: [id], isPermanent: isOn), for: "a permanent connection")
            try await setPermanentConnection(id, to: isOn, expected: expected, call)
            expected = nil
        }
        if let name = wanted.name {
            try await ReachGuard(services: services, principal: call.principal).check(
                ProspectiveChange(devices: [id], name: name), for: "renaming a device")
            let revision = try await services.store.renameDevice(
                id, name: name, expectedRevision: expected, principal: call.principal.audit, now: services.now())
            if expected != nil { expected = revision }
            try await services.backend.devicesEdited([id])
        }
        let edit = try DeviceEdit(wanted, services.backend.administration.tree)
        if edit.isAny {
            let edited = try await services.edit([id], edit, expected: expected, call.principal)
            guard edited.revisions[id] != nil else { throw Problem.notFound("device") }
        }
        return try await reply(id)
    }

    private func setPermanentConnection(_ id: DeviceID, to isOn: Bool, expected: Int64?, _ call: APICall) async throws {
        let now = services.now()
        let outcome = try await services.store.setPermanentConnection(
            id, to: isOn, expectedRevision: expected, principal: call.principal.audit, now: now)
        switch outcome {
        case .unchanged: break
        case .changed(_, let position):
            services.backend.permanentConnectionChanged(id, since: isOn ? now : nil, event: position)
        case .limitReached(let count, let position):
            services.backend.eventStored(at: position)
            throw Problem.permanentConnectionLimitReached(ticked: count.ticked, limit: count.limit)
        }
    }

    /// The same for many.
    @Sendable func changeMany(_ call: APICall) async throws -> APIReply {
        let wanted = try await call.body(ChangeDevices.self)
        let edit = try DeviceEdit(wanted, services.backend.administration.tree)
        let devices = try await services.known(wanted.devices, maximum: ChangeDevices.maximumDevices)
        guard edit.isAny else {
            throw Problem.members([.init(field: "group", detail: "Say what changes: group, approve, addTags, removeTags.")])
        }
        let edited = try await services.edit(devices, edit, expected: nil, call.principal)
        return try .ok(ChangedDevices(devices: Int64(edited.revisions.count), changed: Int64(edited.changed.count)))
    }

    @Sendable func delete(_ call: APICall) async throws -> APIReply {
        let id: DeviceID = try call.id("device")
        switch try await services.store.deleteDevice(id, principal: call.principal.audit, now: services.now()) {
        case .noDevice: throw Problem.notFound("device")
        case .unchanged: break
        case .changed(let position):
            await services.backend.deviceDeleted(id)
            services.backend.eventStored(at: position)
        }
        return .noContent
    }

    /// It stays in the list, and is refused.
    @Sendable func revoke(_ call: APICall) async throws -> APIReply {
        let id: DeviceID = try call.id("device")
        let outcome = try await services.store.revokeDevice(id, principal: call.principal.audit, now: services.now())
        guard outcome != .noDevice else { throw Problem.notFound("device") }
        // Once more it cuts what may have been left.
        await services.backend.deviceRevoked(id)
        if case .changed(let position) = outcome { services.backend.eventStored(at: position) }
        return .noContent
    }

    /// Answered when the device is here, or some 5 s later without it. Who asked is written down before it is sent.
    @Sendable func requestConnection(_ call: APICall) async throws -> APIReply {
        let id: DeviceID = try call.id("device")
        guard try await services.store.auditConnectionRequest(id, principal: call.principal.audit, now: services.now()) else {
            throw Problem.notFound("device")
        }
        return try .ok(ConnectionRequestEntry(await services.backend.requestConnection(of: id)))
    }

    private func reply(_ id: DeviceID) async throws -> APIReply {
        guard let device = try await services.store.fetchDevice(id) else { throw Problem.notFound("device") }
        let entries = try await entries([device])
        return try .ok(entries.first, revision: device.revision)
    }

    private func entries(_ devices: [DeviceRecord]) async throws -> [DeviceEntry] { try await services.entries(devices) }
}

extension APIServices {
    /// With what memory knows better.
    func entries(_ devices: [DeviceRecord]) async throws -> [DeviceEntry] {
        let counts = try await store.fetchInstalledCounts(of: devices.map(\.id))
        let refusals = try await lastRefusals(of: devices.map(\.id))
        let tree = backend.administration.tree
        return devices.map { device in
            var entry = DeviceEntry(
                device, installedCount: counts[device.id] ?? 0, liveness: backend.liveness(of: device.id),
                lastRefusal: refusals[device.id])
            entry.take(backend.place(of: device.id), of: device, in: tree)
            return entry
        }
    }
}
