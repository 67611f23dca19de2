import FoundationEssentials
import MusterModel
import MusterTrust
import Testing

@testable import MusterAgent

struct StatusReportTests {
    @Test func saysWhatTheDatabaseHolds() throws {
        let directory = try TemporaryState()
        let database = try AgentDatabase(directory.directory, mode: .creating, epoch: 7)
        let state = AgentState(database)
        let spool = Spool(database)
        let now = Timestamp(milliseconds: 1_700_000_000_000)
        let key = PrivateKey.generate()
        let certificate = try ServerCertificate.make(key: key, names: ["muster.example"], now: now, lifetime: .days(90))
        let device = DeviceID.random()
        try state.adopt(
            Enrolment(
                identity: Identity(device: device, keyPEM: key.pem, certificateDER: certificate), pins: [key.pin],
                servers: [try #require(ServerAddress("muster.example:13001"))], serverCertificateDER: certificate))
        try state.update { facts in
            facts.lastConnection = now
            facts.clockOffset = .milliseconds(-1500)
            facts.failure = ConnectionFailure(
                reason: .serverKeyMismatch, text: "no pin", since: now, attempts: 3, nextTry: now + .seconds(9))
        }
        try spool.append([DeviceEvent(type: "a", severity: .info, occurred: now, text: "b")])

        let report = try StatusReport.make(state: state, spool: spool, running: false)
        #expect(!report.running && report.device == device && report.servers == ["muster.example:13001"])
        #expect(report.serverCertificate?.pin == key.pin && report.pins == [key.pin])
        #expect(report.serverCertificate?.fingerprint == Fingerprint(hashing: certificate))
        #expect(report.certificateNotAfter == now + .days(90) && report.syncIntervalSeconds == 900)
        #expect(report.spool.events == 1 && report.spool.epoch == "7" && report.spool.next == 2)
        #expect(report.clockOffsetSeconds == -1.5 && report.lastSynchronization == nil)
        #expect(report.lastError?.reason == "serverKeyMismatch" && report.lastError?.attempts == 3)

        let line = try ControlJSON.line(ControlAnswer.status(report))
        #expect(try ControlJSON.decode(ControlAnswer.self, from: line) == .status(report))
        #expect(line.filter { $0 == UInt8(ascii: "\n") }.count == 1)
    }
}
