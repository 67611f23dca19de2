import Logging
import MusterModel
import MusterStore
import MusterTestKit
import Synchronization
import Testing

/// Group commit: many callers, one transaction, each on its own.
@Suite struct WriterTests {
    @Test(arguments: DatabaseKind.allCases)
    func oneCallersFailureLeavesTheOthers(_ kind: DatabaseKind) async throws {
        try await StoreFixture.with(kind) { fixture in
            let store = fixture.store
            let failures = await withTaskGroup(of: StoreError.Code?.self) { group in
                for number in 0..<60 {
                    group.addTask {
                        await code {
                            try await store.write { connection throws(StoreError) in
                                try connection.run(
                                    "INSERT INTO setting (name, value, revision) VALUES ($1, '', 1)", [.text("n\(number)")])
                                guard number % 3 == 0 else { return }
                                try connection.run(
                                    "INSERT INTO setting (name, value, revision) VALUES ($1, '', 1)", [.text("n\(number)")])
                            }
                        }
                    }
                }
                return await group.reduce(into: [StoreError.Code?]()) { $0.append($1) }
            }
            #expect(failures.filter { $0 == .conflict }.count == 20)
            #expect(failures.filter { $0 == nil }.count == 40)
            let names = try await store.read { connection throws(StoreError) in
                try connection.fetchAll("SELECT name FROM setting") { row throws(StoreError) in try row.string(0) }
            }
            #expect(Set(names) == Set((0..<60).filter { $0 % 3 != 0 }.map { "n\($0)" }))
        }
    }

    @Test func aFullDatabaseAcknowledgesNothingAndGoesOn() async throws {
        try await StoreFixture.with(.sqlite) { fixture in
            let device = try await fixture.enrol()
            let pages = try await fixture.store.write { connection throws(StoreError) in
                try connection.fetchFirst("PRAGMA page_count") { row throws(StoreError) in try row.int(0) } ?? 0
            }
            try await fixture.store.write { connection throws(StoreError) in
                _ = try connection.fetchFirst("PRAGMA max_page_count = \(pages + 2)") { _ throws(StoreError) in 0 }
            }
            let events = (1...200).map { StoredEventInput.test($0, text: String(repeating: "x", count: 1000)) }
            let full = await code {
                _ = try await fixture.store.storeEvents(
                    device: device, epoch: 5, expectedLast: 0, events: events, newPlace: .test(200), received: StoreFixture.start)
            }
            #expect(full == .full)
            #expect(try await fixture.store.fetchDevice(device)?.positions == [])
            #expect(try await fixture.store.fetchEvents(device: device, afterPosition: 1, limit: 10) == [])

            try await fixture.store.write { connection throws(StoreError) in
                _ = try connection.fetchFirst("PRAGMA max_page_count = 1000000") { _ throws(StoreError) in 0 }
            }
            let stored = try await fixture.store.storeEvents(
                device: device, epoch: 5, expectedLast: 0, events: events, newPlace: .test(200), received: StoreFixture.start)
            #expect(stored == .stored(lastPosition: 201))
        }
    }

    /// After a failed write nothing is tried again: the process is told to end, and whoever comes later hears why.
    @Test func aFailingDiskEndsTheStore() async throws {
        let directory = try TemporaryDirectory()
        let told = Mutex<[StoreError.Code]>([])
        let store = try await Store.open(
            try StoreFixture.makeLocation(.sqlite, in: directory), logger: Logger(label: "test"),
            onFatal: { error in told.withLock { $0.append(error.code) } })
        let failing = await code {
            try await store.write { connection throws(StoreError) in
                try connection.run("INSERT INTO setting (name, value, revision) VALUES ('server.half', '', 1)")
                throw StoreError(.io, "As if fsync had failed.")
            }
        }
        #expect(failing == .io)
        #expect(await code { try await store.setValue("late", "x") } == .io)
        #expect(told.withLock { $0 } == [.io])
        #expect(try await store.value("half") == nil)
        await store.close()
    }

    /// What waits when the store is closed is still written; what comes later is refused.
    @Test(arguments: DatabaseKind.allCases)
    func closingWritesWhatWaits(_ kind: DatabaseKind) async throws {
        let directory = try TemporaryDirectory()
        let location = try StoreFixture.makeLocation(kind, in: directory)
        let store = try await Store.open(location, logger: Logger(label: "test"))
        await withTaskGroup(of: Void.self) { group in
            for number in 0..<20 { group.addTask { _ = await code { try await store.setValue("n\(number)", "x") } } }
        }
        await store.close()
        #expect(await code { try await store.setValue("late", "x") } == .closed)
        let again = try await Store.open(location, logger: Logger(label: "test"))
        for number in 0..<20 { #expect(try await again.value("n\(number)") == "x") }
        #expect(try await again.value("late") == nil)
        await again.close()
    }

    @Test func postgresqlIsReachedAgainAfterTheConnectionsWereLost() async throws {
        try await StoreFixture.with(.postgresql) { fixture in
            guard case .postgresql(let url) = fixture.location else { return }
            try await fixture.store.setValue("before", "x")
            // Every reader has its connection.
            for _ in 1...8 { _ = try await fixture.store.value("before") }
            try PostgreSQLFixture.shared().disconnectAll(from: url)
            // A read finds its connection lost and is done again; a change is not.
            for _ in 1...8 { #expect(try await fixture.store.value("before") == "x") }
            #expect(await code { try await fixture.store.setValue("during", "x") } == .unavailable)
            try await Task.sleep(for: .milliseconds(1100))
            try await fixture.store.setValue("after", "x")
            #expect(try await fixture.store.value("before") == "x")
            #expect(try await fixture.store.value("during") == nil)
            #expect(try await fixture.store.value("after") == "x")
        }
    }

    @Test(arguments: DatabaseKind.allCases)
    func aDatabaseThatIsNotThere(_ kind: DatabaseKind) async throws {
        let location: DatabaseLocation =
            kind == .sqlite ? .sqlite(path: "/nonexistent/muster.db") : .postgresql(url: "postgresql:///x?host=/nonexistent")
        let code = await code { _ = try await Store.open(location, logger: Logger(label: "test")) }
        #expect(code == (kind == .sqlite ? .io : .unavailable))
    }
}
