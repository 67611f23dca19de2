import Logging
import MusterModel
import MusterTestKit
import Testing

@testable import MusterStore

/// An empty database of each kind, and what tests put into it.
final class StoreFixture: Sendable {
    static let start = Timestamp(milliseconds: 1_790_000_000_000)
    static let administrator = AuditPrincipal(kind: "api-token", id: "test")

    let location: DatabaseLocation
    let store: Store
    private let directory: TemporaryDirectory

    private init(_ kind: DatabaseKind, _ statements: StatementCount) async throws {
        directory = try TemporaryDirectory()
        location = try Self.makeLocation(kind, in: directory)
        store = try await Store.open(
            CountedDatabase(database: location.database, count: statements), logger: Logger(label: "test"))
    }

    static func makeLocation(_ kind: DatabaseKind, in directory: TemporaryDirectory) throws -> DatabaseLocation {
        switch kind {
        case .sqlite: .sqlite(path: directory.file("muster.db"))
        case .postgresql: .postgresql(url: try PostgreSQLFixture.shared().makeDatabase())
        }
    }

    static func with(
        _ kind: DatabaseKind, statements: StatementCount = StatementCount(), _ body: (StoreFixture) async throws -> Void
    ) async throws {
        let fixture = try await StoreFixture(kind, statements)
        do {
            try await body(fixture)
        } catch {
            await fixture.store.close()
            throw error
        }
        await fixture.store.close()
    }

    func makeToken(
        maximumUses: Int64? = nil, expires: Timestamp = start + .hours(1), hash: Fingerprint = .test(7)
    ) async throws -> EnrolmentTokenID {
        let token = EnrolmentTokenRecord(
            id: .random(), name: "for tests", created: Self.start, expires: expires, maximumUses: maximumUses)
        try await store.createEnrolmentToken(token, secretHash: hash, principal: Self.administrator)
        return token.id
    }

    func order(
        token: EnrolmentTokenID, key: Fingerprint = .random(), name: String = "host", now: Timestamp = start,
        hash: Fingerprint = .test(7)
    ) -> EnrolmentOrder {
        EnrolmentOrder(
            tokenID: token, secretHash: hash, publicKeyFingerprint: key, proposedName: name, address: "192.0.2.1", now: now,
            device: .random(), make: { _ in .test(now: now) })
    }

    /// A device with its first certificate.
    func enrol(_ name: String = "host", key: Fingerprint = .random()) async throws -> DeviceID {
        let token = try await makeToken()
        let outcome = try await store.enrol(order(token: token, key: key, name: name))
        guard case .enrolled(let device, _, isNew: true, _) = outcome else {
            throw FixtureError(description: "not enrolled: \(outcome)")
        }
        return device
    }

    @discardableResult
    func report(
        _ device: DeviceID, _ change: InstalledChange, session: Int64 = 1, now: Timestamp = start
    ) async throws -> Bool {
        try await store.storeDocument(
            device: device, session: session, document: .installed, digest: .random(), body: [1], installed: change, now: now)
    }
}

extension Fingerprint {
    static func test(_ byte: UInt8) -> Self { Self(bytes: Array(repeating: byte, count: 32)) ?? .random() }

    static func random() -> Self {
        while true {
            if let value = Self(bytes: (0..<32).map { _ in UInt8.random(in: 0...255) }) { return value }
        }
    }
}

extension Digest {
    static func random() -> Self {
        while true {
            if let value = Self(bytes: (0..<16).map { _ in UInt8.random(in: 0...255) }) { return value }
        }
    }
}

extension NewCertificate {
    static func test(now: Timestamp = StoreFixture.start) -> Self {
        let fingerprint = Fingerprint.random()
        return Self(fingerprint: fingerprint, der: [0x30] + fingerprint.bytes, notBefore: now, notAfter: now + .days(90))
    }
}

extension StoredEventInput {
    static func test(
        _ sequence: UInt64, type: String = "test-event", severity: Severity = .info, text: String = "It happened.",
        occurred: Timestamp = StoreFixture.start, stamp: UInt64? = nil, formerly: [EventSequence] = []
    ) -> Self {
        Self(
            sequence: sequence, stamp: stamp ?? sequence, type: type, severity: severity, text: text,
            parameters: ["n": .integer(Int64(sequence))],
            occurred: occurred, occurredRaw: occurred, formerly: formerly)
    }
}

extension StoredPlace {
    /// After an event of `StoredEventInput.test`.
    static func test(_ last: UInt64) -> Self { Self(last: last, stamp: last) }
}

/// Runs `body` and gives the code of the store's error, nil when there was none.
func code(_ body: () async throws -> Void) async -> StoreError.Code? {
    do {
        try await body()
        return nil
    } catch let error as StoreError {
        return error.code
    } catch {
        Issue.record(error)
        return nil
    }
}
