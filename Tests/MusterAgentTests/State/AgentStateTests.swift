import Glibc
import MusterModel
import MusterWire
import Testing

@testable import MusterAgent

@Suite struct AgentStateTests {
    private let fixture: StateFixture
    private var state: AgentState { fixture.state }

    init() throws { fixture = try StateFixture(epoch: 7) }

    private func identity(_ number: UInt64) throws -> Identity {
        var generator = Sequence64(value: number)
        return Identity(device: .random(using: &generator), keyPEM: "key \(number)", certificateDER: [UInt8(number)])
    }

    private func enrolment(_ number: UInt64) throws -> Enrolment {
        Enrolment(
            identity: try identity(number), pins: [Fingerprint(hash: [1]), Fingerprint(hash: [2])],
            servers: [try #require(ServerAddress("server.example:13001")), try #require(ServerAddress("[2001:db8::1]"))])
    }

    @Test func enrolmentIsThereAfterARestart() throws {
        #expect(try state.identity() == nil)
        try state.savePendingKey("pending")
        try state.adopt(try enrolment(1))
        let again = try fixture.reopened().state
        #expect(try again.identity() == identity(1))
        #expect(try again.pins() == [Fingerprint(hash: [1]), Fingerprint(hash: [2])])
        #expect(try again.servers().map(\.description) == ["server.example:13001", "[2001:db8::1]:13000"])
        #expect(try again.pendingKeyPEM() == nil)
    }

    @Test func anotherDeviceForgetsWhatTheFormerKnew() throws {
        try state.adopt(try enrolment(1))
        let document = Document(facts: ["a": .text("b")])
        try state.saveReported(.system, document)
        try state.saveAcknowledged(.system, document)
        try state.update { $0.session = 9 }
        try fixture.spool.append([event()])
        try state.adopt(try enrolment(1), newEpoch: 8)
        #expect(try state.facts().session == 9)
        try state.adopt(try enrolment(2), newEpoch: 8)
        #expect(try state.facts() == ConnectionFacts())
        #expect(try state.acknowledged(.system) == nil)
        #expect(try state.reported(.system) == document)
        #expect(try fixture.spool.position() == SpoolPosition(epoch: 8, firstHeld: 1, next: 2))
    }

    @Test func renewalNeedsItsKey() throws {
        try state.adopt(try enrolment(1))
        #expect(code { () throws(AgentError) in try state.adoptRenewed(certificateDER: [9]) } == .internalError)
        try state.savePendingKey("new key")
        try state.adoptRenewed(certificateDER: [9])
        let renewed = try #require(try state.identity())
        #expect(renewed.keyPEM == "new key")
        #expect(renewed.certificateDER == [9])
        #expect(try state.pendingKeyPEM() == nil)
    }

    @Test func pinsAndServersAreNeverEmpty() throws {
        try state.adopt(try enrolment(1))
        #expect(code { () throws(AgentError) in try state.setPins([]) } == .internalError)
        #expect(code { () throws(AgentError) in try state.setServers([]) } == .internalError)
        #expect(try state.pins().count == 2)
    }

    @Test func halfAnIdentityIsDamage() throws {
        try state.adopt(try enrolment(1))
        try state.database.transaction { (connection) throws(AgentError) in try connection.setValue(.key, nil) }
        #expect(code { () throws(AgentError) in try state.identity() } == .stateDamaged)
    }

    @Test func connectionFactsComeBack() throws {
        var facts = ConnectionFacts()
        facts.session = .max
        facts.requestCounter = 12
        facts.serverDocuments = [1, 2, 3]
        facts.lastConnection = noon
        facts.clockOffset = .seconds(-90)
        facts.failure = ConnectionFailure(
            reason: .internalError, text: "x", since: noon, attempts: 3, nextTry: noon, isReported: true)
        try state.update { $0 = facts }
        #expect(try fixture.reopened().state.facts() == facts)
        try state.update { $0.failure = nil }
        #expect(try fixture.reopened().state.facts().failure == nil)
    }

    @Test func acknowledgedIsWhatASentDocumentWas() throws {
        let (old, new) = (Document(facts: ["a": .integer(1)]), Document(facts: ["a": .integer(2)]))
        try state.saveReported(.system, old)
        try state.markAcknowledged(.system, old.digest)
        #expect(try state.acknowledged(.system) == old)
        try state.saveReported(.system, new)
        #expect(try state.acknowledgedDigests() == [.system: old.digest])
        #expect(try state.reportedDigests() == [.system: new.digest])
        // Of a state nobody here has, nothing is kept.
        try state.markAcknowledged(.system, Document(facts: ["b": .integer(3)]).digest)
        #expect(try state.acknowledged(.system) == nil)
    }

    @Test func damagedDocumentReadsAsMissing() throws {
        try state.saveReported(.system, Document(facts: ["a": .integer(1)]))
        try state.database.transaction { (connection) throws(AgentError) in
            try connection.execute("UPDATE document SET body = x'00'")
        }
        #expect(try state.reported(.system) == nil)
    }
}

@Suite struct StateDirectoryTests {
    @Test func missingOneIsNotEnrolled() throws {
        let temporary = try TemporaryDirectory()
        #expect(code { () throws(AgentError) in try StateDirectory(temporary.path + "/none") } == .notEnrolled)
        let directory = try StateDirectory(temporary.path + "/made", creating: true)
        #expect(code { () throws(AgentError) in try AgentDatabase(directory, mode: .existing) } == .notEnrolled)
    }

    @Test func oneOthersMayWriteToIsRefused() throws {
        let temporary = try TemporaryDirectory()
        chmod(temporary.path, 0o777)
        #expect(code { () throws(AgentError) in try StateDirectory(temporary.path) } == .stateUnsuitable)
        chmod(temporary.path, 0o755)
        _ = try StateDirectory(temporary.path)
        var status = stat()
        stat(temporary.path, &status)
        #expect(status.st_mode & 0o777 == 0o700)
    }

    @Test func oneAgentADirectory() throws {
        let temporary = try TemporaryDirectory()
        let directory = try StateDirectory(temporary.path)
        var first: StateLock? = try StateLock(directory)
        #expect(code { () throws(AgentError) in try StateLock(directory) } == .alreadyRunning)
        #expect(first != nil)
        first = nil
        _ = try StateLock(directory)
    }

    @Test(arguments: [
        "", "no database at all, but a text of some length that fills a header of 100 bytes and a little more than that",
    ])
    func otherFilesAreDamage(content: String) throws {
        let temporary = try TemporaryDirectory()
        let directory = try StateDirectory(temporary.path)
        try temporary.write("agent.db", content)
        #expect(code { () throws(AgentError) in try AgentDatabase(directory, mode: .existing) } == .stateDamaged)
    }

    /// What is left when the agent that makes the database is killed before the tables are in it.
    @Test func makingItInterruptedBeforeItsTablesGoesOn() throws {
        let temporary = try TemporaryDirectory()
        let directory = try StateDirectory(temporary.path)
        let path = directory.databasePath
        try StateDirectory.createFile(path)
        try SQLiteConnection(path: path).execute("PRAGMA journal_mode = WAL")
        #expect(try StateDirectory.checkFile(path) ?? 0 > 0)
        #expect(code { () throws(AgentError) in try AgentDatabase(directory, mode: .existing) } == .stateDamaged)
        let database = try AgentDatabase(directory, mode: .creating)
        #expect(try AgentState(database).pendingKeyPEM() == nil)
    }

    @Test func newerStateIsRefused() throws {
        let fixture = try StateFixture()
        try fixture.state.database.transaction { (connection) throws(AgentError) in
            try connection.execute("PRAGMA user_version = 1000")
        }
        #expect(code { () throws(AgentError) in try AgentDatabase(fixture.directory, mode: .existing) } == .stateNewer)
    }

    @Test func missingTableIsDamage() throws {
        let fixture = try StateFixture()
        try fixture.state.database.transaction { (connection) throws(AgentError) in try connection.execute("DROP TABLE pin") }
        #expect(code { () throws(AgentError) in try AgentDatabase(fixture.directory, mode: .existing) } == .stateDamaged)
    }
}
