import Foundation
import HummingbirdCore
import MusterAPI
import MusterModel
import MusterStore
import MusterTrust
import NIOCore

/// `packages`.
struct PackageRoutes: Sendable {
    let services: APIServices

    @Sendable func list(_ call: APICall) async throws -> APIReply {
        let (store, groups) = (services.store, groups)
        return try await ListPage(call.query, cursor: \PackageRecord.cursor) { after, limit in
            try await store.fetchPackages(after: after, limit: limit)
        }.reply { PackageEntry($0, in: groups) }
    }

    @Sendable func create(_ call: APICall) async throws -> APIReply {
        let wanted = try await call.body(PackageChange.self)
        guard let name = wanted.name else { throw Problem.member("name", "It is missing.") }
        try NameRule.check(name, member: "name")
        guard let servers = wanted.servers else { throw Problem.member("servers", "It is missing.") }
        var settings = PackageSettings(servers: try PackageRules.servers(servers))
        try PackageRules(change: wanted, groups: groups).apply(to: &settings)
        let now = services.now()
        let record = PackageRecord(id: .random(), name: name, created: now, changed: now, settings: settings)
        try await services.store.createPackage(record, principal: call.principal.audit)
        return try .created(PackageEntry(record, in: groups, warnings: await warnings(record)))
    }

    @Sendable func get(_ call: APICall) async throws -> APIReply {
        let record = try await package(call)
        return try .ok(PackageEntry(record, in: groups), revision: record.revision)
    }

    @Sendable func edit(_ call: APICall) async throws -> APIReply {
        let expected = try call.expectedRevision()
        let wanted = try await call.body(PackageChange.self)
        let (found, groups) = (try await package(call), groups)
        if let name = wanted.name { try NameRule.check(name, member: "name") }
        // Whether it may be so depends on no other member: checked on what is there now, it holds for what is there at the commit.
        var settings = found.settings
        try PackageRules(change: wanted, groups: groups).apply(to: &settings)
        let record = try await services.store.editPackage(
            found.id, expectedRevision: expected, principal: call.principal.audit, now: services.now()
        ) { record in
            if let name = wanted.name { record.name = name }
            var settings = record.settings
            if (try? PackageRules(change: wanted, groups: groups).apply(to: &settings)) != nil { record.settings = settings }
        }
        return try .ok(PackageEntry(record, in: groups, warnings: await warnings(record)), revision: record.revision)
    }

    @Sendable func delete(_ call: APICall) async throws -> APIReply {
        let id: InstallationPackageID = try call.id("package")
        guard try await services.store.deletePackage(id, principal: call.principal.audit, now: services.now()) else {
            throw Problem.notFound("package")
        }
        services.backend.enrolmentTokensChanged()
        return .noContent
    }

    @Sendable func devices(_ call: APICall) async throws -> APIReply {
        let (store, package) = (services.store, try await package(call))
        return try await ListPage(call.query, cursor: \PackageDeviceRecord.cursor) { after, limit in
            try await store.fetchDevices(of: package.id, after: after, limit: limit)
        }.reply { PackageDeviceEntry(device: $0.device, name: $0.name, enrolled: $0.enrolled) }
    }

    /// The base is opened before the token is made: a download that cannot be leaves nothing.
    @Sendable func download(_ call: APICall) async throws -> APIReply {
        guard let format = PackageFormat(rawValue: call.query["format"] ?? PackageFormat.deb.rawValue) else {
            let known = PackageFormat.allCases.map(\.rawValue).joined(separator: ", ")
            throw Problem.parameter("format", "There is no such format.", allowed: known)
        }
        let record = try await package(call)
        switch format {
        case .connectionFile:
            let (file, _) = try await connectionFile(record, call)
            return .file(
                contentType: "application/json", name: format.fileName(package: record.name), size: file.count
            ) { writer in try await writer.write(ByteBuffer(bytes: file)) }
        case .deb:
            let base = try await AgentBase.open(services.packages.agentBase)
            let (file, token) = try await connectionFile(record, call)
            let modified = services.now().milliseconds / 1000
            var head = base.head
            do { try head.add(connectionFile: file, mark: token.description, modified: modified) } catch {
                throw Problem.agentBaseUnfit(services.packages.agentBase, error.reason)
            }
            let start = head.bytes(modified: modified)
            return .file(
                contentType: "application/vnd.debian.binary-package", name: format.fileName(package: record.name),
                size: start.count + base.restSize
            ) { writer in
                try await writer.write(ByteBuffer(bytes: start))
                var sent = 0
                while sent < base.restSize {
                    let piece = try await base.piece(after: sent)
                    try await writer.write(ByteBuffer(bytes: piece))
                    sent += piece.count
                }
            }
        }
    }

    private var groups: GroupTree { services.backend.administration.tree }

    private func package(_ call: APICall) async throws -> PackageRecord {
        let id: InstallationPackageID = try call.id("package")
        guard let record = try await services.store.fetchPackage(id) else { throw Problem.notFound("package") }
        return record
    }

    /// With a token of its own: the server keeps only hashes of secrets, so none can be given out twice.
    private func connectionFile(_ record: PackageRecord, _ call: APICall) async throws -> ([UInt8], EnrolmentTokenID) {
        let token = EnrolmentTokenText(id: .random(), secret: .random())
        let settings = record.settings
        let file = ConnectionFile(
            package: record.name, servers: settings.servers,
            udpPort: settings.udpPort == ServerAddress.standardPort ? nil : settings.udpPort, proxy: settings.proxy,
            pins: services.backend.pins,
            serverCertificate: services.packages.serverCertificate(), token: token.text)
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        let bytes = Array(try encoder.encode(file)) + [UInt8(ascii: "\n")]
        try await services.store.recordDownload(
            of: record, token: token.id, secretHash: token.hash, principal: call.principal.audit, now: services.now())
        services.backend.enrolmentTokensChanged()
        return (bytes, token.id)
    }

    private func warnings(_ record: PackageRecord) async -> [PackageWarning] {
        let resolve = services.packages.resolve
        // At once, so that several silent names take no longer than one.
        return await withTaskGroup(of: (Int, [PackageWarning]).self) { group in
            for (index, server) in record.settings.servers.enumerated() {
                group.addTask {
                    let isAddress = InternetAddress.isIPv4(server.host) || server.host.contains(":")
                    let resolution = isAddress ? NameResolution.failed : await resolve(server.host)
                    return (index, AddressAdvice.warnings(of: server, resolution))
                }
            }
            var found: [Int: [PackageWarning]] = [:]
            for await (index, warnings) in group { found[index] = warnings }
            return found.sorted { $0.key < $1.key }.flatMap(\.value)
        }
    }
}
