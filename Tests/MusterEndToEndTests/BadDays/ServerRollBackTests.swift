import Foundation
import MusterTestKit
import Testing

extension BadDays {
    /// The server's data directory is put back to an older copy: a restored backup.
    struct ServerRollBackTests {
        private let copies: TemporaryDirectory
        private let server: TestServer
        private let device: Device

        init() async throws {
            copies = try TemporaryDirectory()
            server = try await TestServer()
            try await server.start()
            device = try await Device(at: server)
        }

        private func copy() async throws {
            try await server.stop()
            try FileManager.default.copyItem(atPath: server.dataDirectory, toPath: copies.file("server"))
            try await runProgram(ProgramPath.ofSystem("python3"), ["-c", Self.ageing, copies.file("server/muster.db")])
                .succeeded()
            try await server.start()
        }

        /// Makes the copy an hour old: what happened within a minute of it counts as a crash, not as a roll-back.
        private static let ageing = """
            import sqlite3, sys
            database = sqlite3.connect(sys.argv[1])
            database.execute("UPDATE counter SET value = value - 3600000 WHERE name = 'alive'")
            database.execute("UPDATE device SET last_session = max(0, last_session - 3600000)")
            database.commit()
            database.close()
            """

        private func putBack() async throws {
            try await server.stop()
            try FileManager.default.removeItem(atPath: server.dataDirectory)
            try FileManager.default.copyItem(atPath: copies.file("server"), toPath: server.dataDirectory)
            try await server.start()
        }

        /// What of the raised events the server must still have: all but those in its gaps.
        private func kept(_ account: EventAccount) -> [EventSource.Raised] {
            let gone = Set(account.events(of: "events-lost-at-server").flatMap { $0.sequence..<($0.sequence + $0.count) })
            return device.source.raised.filter { raised in
                guard case .stored(let sequence) = raised.outcome else { return true }
                return !gone.contains(sequence)
            }
        }

        private func installed() async throws -> Set<[String]> {
            Set(
                try await server.musterJSON("installed", "list").map { entry in
                    ["source", "name", "version", "architecture"].map { entry[$0] as? String ?? "" }
                })
        }

        /// By their digests on both sides: a synchronization has none to send and none to take.
        private func documentsAreEqual() async throws {
            try await eventually("the documents are equal") {
                try await device.agent.sync().output.contains("Documents sent: 0 (0 bytes), received: 0.")
            }
        }

        /// Once as an event, and in the server's status.
        private func isNoticed(_ account: EventAccount) async throws {
            #expect(account.events(of: "server-rolled-back").count == 1)
            #expect(try await server.musterJSON("server", "status").first?["devicesAhead"] as? Int == 1)
        }

        @Test func whatIsLostIsCountedAndTheRestGoesOn() async throws {
            try await device.agent.start()
            try await device.source.raise(5)
            try await device.synchronize()
            try await copy()
            try await device.synchronize()
            let before = try await device.spool("next") - 1
            try await device.source.raise(7)
            try await device.synchronize()
            try await putBack()
            try await device.source.raise(4)
            try await device.synchronize()
            let account = try await EventAccount(of: device.agent, at: server)
            try await isNoticed(account)
            let lost = account.events(of: "events-lost-at-server")
            try #require(lost.count == 1)
            #expect(lost[0].sequence == before + 1)
            #expect(lost[0].count == 7)
            #expect(lost[0].parameters["first"]?.integer == before + 1)
            #expect(lost[0].parameters["last"]?.integer == before + 7)
            #expect(lost[0].parameters["count"]?.integer == 7)
            #expect(kept(account).map(\.number) == Array(1...5) + Array(13...16))
            #expect(account.faults(against: kept(account)) == [])
        }

        /// Taken before the device's first synchronization, the copy knows none of its documents and none of its events.
        @Test func documentsAreEqualAgain() async throws {
            try await copy()
            try await device.agent.start()
            try await server.muster("settings", "set", "sync-interval", "5m").succeeded()
            try await device.source.raise(3)
            try await device.synchronize()
            let installed = try await installed()
            #expect(!installed.isEmpty)
            #expect(try await device.agent.status()["syncIntervalSeconds"] as? Double == 300)
            for _ in 1...2 {
                // Those of this test, that the agent started, and what it found on this machine.
                let stored = try await device.spool("next") - 1
                try await putBack()
                try await device.source.raise(2)
                try await device.synchronize()
                try await documentsAreEqual()
                // Packages may come and go on this machine meanwhile; most of them stay.
                #expect(try await self.installed().intersection(installed).count > installed.count / 2)
                #expect(try await device.agent.status()["syncIntervalSeconds"] as? Double == 900)
                let account = try await EventAccount(of: device.agent, at: server)
                try await isNoticed(account)
                let lost = account.events(of: "events-lost-at-server")
                #expect(lost.map(\.sequence) == [1])
                #expect(lost.map(\.count) == [stored] && stored >= 4)
                #expect(account.faults(against: kept(account)) == [])
            }
        }

        /// The copy does not know it: it is told so, and enrols anew.
        @Test func aDeviceEnrolledSinceIsTold() async throws {
            try await copy()
            let later = try await Device(at: server)
            try await later.agent.start()
            try await later.synchronize()
            try await putBack()
            await #expect(throws: FixtureError.self) { try await later.agent.sync() }
            let lastError = try await later.agent.status()["lastError"] as? [String: Any]
            #expect(lastError?["reason"] as? String == "unknownCertificate")
            #expect((lastError?["text"] as? String)?.contains("Enrol this device anew") == true)
            let status = try await server.musterJSON("server", "status")
            #expect(((status.first?["closes"] as? [String: Any])?["unknownCertificate"] as? Int ?? 0) > 0)
            try await later.agent.stop()
            try FileManager.default.removeItem(atPath: later.agent.stateDirectory)
            try await later.agent.enrol()
            try await later.agent.start()
            try await later.synchronize()
            #expect(try await server.musterJSON("devices", "list").count == 2)
        }
    }
}
