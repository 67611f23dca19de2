import HummingbirdCore
import MusterAPI
import MusterModel
import MusterStore

/// `selections`.
struct SelectionRoutes: Sendable {
    let services: APIServices

    @Sendable func list(_ call: APICall) async throws -> APIReply {
        let records = try await services.store.fetchSelections()
        return try ListPage(call.query, all: records, cursor: \.id).reply { SelectionEntry($0) }
    }

    @Sendable func get(_ call: APICall) async throws -> APIReply { try reply(try await record(call)) }

    @Sendable func create(_ call: APICall) async throws -> APIReply {
        let wanted = try await call.body(SelectionChange.self)
        guard let name = wanted.name else { throw Problem.member("name", "It is missing.") }
        guard let filter = wanted.filter else { throw Problem.member("filter", "It is missing.") }
        try check(wanted)
        let record = try await services.store.createSelection(
            .random(), name: name, expression: filter, principal: call.principal.audit, now: services.now())
        return try .created(SelectionEntry(record))
    }

    @Sendable func change(_ call: APICall) async throws -> APIReply {
        let expected = try call.expectedRevision()
        let wanted = try await call.body(SelectionChange.self)
        let record = try await record(call)
        try check(wanted)
        if let filter = wanted.filter, let expression = try? DeviceExpression(filter) {
            try await ReachGuard(services: services, principal: call.principal).changing(record.id, to: expression)
        }
        let changed = try await services.store.editSelection(
            record.id, name: wanted.name, expression: wanted.filter, expectedRevision: expected,
            principal: call.principal.audit, now: services.now())
        try await services.backend.selectionsChanged()
        return try reply(changed)
    }

    @Sendable func delete(_ call: APICall) async throws -> APIReply {
        let expected = try call.expectedRevision()
        let record = try await record(call)
        guard
            try await services.store.deleteSelection(
                record.id, expectedRevision: expected, principal: call.principal.audit, now: services.now())
        else { throw Problem.notFound("device selection") }
        return .noContent
    }

    private func check(_ wanted: SelectionChange) throws(Problem) {
        if let name = wanted.name, !ListedName.isName(name) {
            throw .member("name", "It is not a name.", allowed: ListedName.allowed)
        }
        if let filter = wanted.filter {
            _ = try DeviceQuestion(filter: filter, selection: nil, isParameter: false).read(
                filter, "filter", in: services.backend.administration.tree)
        }
    }

    private func record(_ call: APICall) async throws -> SelectionRecord {
        guard let text = call.segment, let record = try await services.selection(text) else {
            throw Problem.notFound("device selection")
        }
        return record
    }

    private func reply(_ record: SelectionRecord) throws -> APIReply {
        try .ok(SelectionEntry(record), revision: record.revision)
    }
}

extension SelectionEntry {
    init(_ record: SelectionRecord) {
        self.init(
            id: record.id, name: record.name, filter: record.expression, revision: record.revision, created: record.created,
            changed: record.changed)
    }
}
