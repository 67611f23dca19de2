import Foundation
import MusterModel
import MusterTestKit
import MusterWire
import Testing

/// Several machines with one identity, through the real programs.
@Suite(.fewAtATime)
struct CopyTests {
    /// A device and a copy of its state directory, taken while it was stopped.
    private struct Copied {
        let site: Site
        let files: TemporaryDirectory
        private let image: String

        init() async throws {
            site = try await Site()
            files = try TemporaryDirectory()
            image = files.file("image")
            try await site.agent.stop()
            try FileManager.default.copyItem(atPath: site.agent.stateDirectory, toPath: image)
        }

        /// An agent on a copy of its own; not started.
        func copy(_ number: Int) throws -> TestAgent {
            let path = files.file("copy\(number)")
            try FileManager.default.copyItem(atPath: image, toPath: path)
            return try TestAgent(stateDirectory: path, server: site.server)
        }

        func putBack() throws {
            try FileManager.default.removeItem(atPath: site.agent.stateDirectory)
            try FileManager.default.copyItem(atPath: image, toPath: site.agent.stateDirectory)
        }

        func keepConnected() async throws {
            try await site.server.muster("devices", "permanent-connection", site.device, "on").succeeded()
            try await site.agent.start()
            try await site.agent.sync()
            try await eventually("the permanent connection is in force", state: { site.agent.log }) {
                try await site.server.device(site.device).object("permanentConnection").text("state") == "inForce"
            }
        }

        func copies() async throws -> [[String: Any]] { try await site.server.musterJSON("devices", "copies") }

        func checkNoCopy() async throws {
            #expect(try await copies().isEmpty)
            #expect(try await site.events("clone-suspected").isEmpty)
            #expect(try await site.server.closes("cloneSuspected") == 0)
        }
    }

    private static let count = 20

    @Test(.timeLimit(.minutes(30)))
    func copiesOfAConnectedDeviceAreRefusedAndSplit() async throws {
        let copied = try await Copied()
        let site = copied.site
        try await copied.keepConnected()
        let before = try await site.server.device(site.device)
        let agents = try (1...Self.count).map { try copied.copy($0) }
        try await withThrowingTaskGroup(of: Void.self) { group in
            for agent in agents { group.addTask { try await agent.start() } }
            try await group.waitForAll()
        }
        try await eventually("all copies are refused") {
            try await site.server.closes("cloneSuspected") >= Self.count
        }
        // The original is served all the while, and what is stored is its own.
        try await site.agent.event("original", "info", "from the original")
        try await eventually("its event is there") { try await site.events("original").count == 1 }
        let after = try await site.server.device(site.device)
        #expect(after["connected"] as? Bool == true)
        #expect(after.number("installedCount") == before.number("installedCount"))
        #expect(try await site.server.closes("replaced") == 0)
        #expect(try await site.events("device-rolled-back").isEmpty)
        try await eventually("it is told once") { try await site.events("clone-suspected").count == 1 }
        let shown = try await copied.copies()
        #expect(shown.count == 1 && shown.first?.text("id") == site.device)
        #expect((shown.first?["refused"] as? [Any])?.count == 16)
        #expect(try await agents[0].status()["lastError"] != nil)
        // The probe is served, the session is not: the step that failed is the authorization.
        let check = try await agents[0].check()
        #expect(check.status == 16 && check.report.text("failed") == "authorization", "\(check.report)")
        #expect(check.finding("authorization").text("advice")?.contains("muster devices split") == true)
        #expect(check.finding("synchronization").text("verdict") == "not-tried")

        try await site.server.muster("devices", "split", site.device).succeeded()
        var ids: Set<String> = [site.device]
        for agent in agents {
            // It enrols anew, and whoever waits hears of the synchronization that follows.
            try await agent.sync()
            #expect(try await agent.deviceID != site.device)
            ids.insert(try await agent.deviceID)
        }
        #expect(ids.count == Self.count + 1)
        #expect(try await site.server.musterJSON("devices", "list").count == Self.count + 1)
        try await agents[0].sync()
        try await agents[0].event("copy", "info", "from the copy")
        try await agents[0].sync()
        let first = try await agents[0].deviceID
        #expect(try await site.server.events("copy", of: first).count == 1)
        let failures = try await site.server.events("synchronization-failed", of: first).texts("text")
        #expect(failures.contains { $0.contains(": the server takes this machine for a copy of another device") }, "\(failures)")
        #expect(try await site.agent.deviceID == site.device)
        for agent in agents { try await agent.stop() }
        try await site.agent.stop()
    }

    /// Without a permanent connection a copy looks like a restart until the original comes again.
    @Test func theOriginalIsServedWhenBothComeByTheirInterval() async throws {
        let copied = try await Copied()
        let (site, copy) = (copied.site, try copied.copy(1))
        try await site.agent.start()
        try await site.agent.sync()
        try await copy.start()
        try await copy.sync()
        #expect(try await copied.copies().isEmpty, "it may be a snapshot put back")
        try await site.agent.sync()
        let refused = try await copy.command("sync")
        #expect(refused.status != 0 && refused.error.contains("cloneSuspected"))
        try await site.agent.sync()
        #expect(try await copied.copies().count == 1)
        // A copy that starts anew is still one, also after the server started anew.
        try await copy.stop()
        try await site.server.stop()
        try await site.server.start()
        try await site.agent.sync()
        try await copy.start()
        #expect(try await copy.command("sync").error.contains("cloneSuspected"))
        try await site.agent.sync()
        #expect(try await site.events("clone-suspected").count == 1)
        // It was one device: the one that comes next.
        try await site.agent.stop()
        try await site.server.muster("devices", "same", site.device).succeeded()
        try await copy.sync()
        #expect(try await copied.copies().isEmpty)
        try await copy.stop()
    }

    @Test func aSnapshotPutBackIsNoCopy() async throws {
        let copied = try await Copied()
        for _ in 1...2 {
            try await copied.site.agent.start()
            try await copied.site.agent.sync()
            try await copied.site.agent.stop()
            try copied.putBack()
        }
        try await copied.site.agent.start()
        try await copied.site.agent.sync()
        try await copied.site.agent.sync()
        try await copied.checkNoCopy()
        try await copied.site.agent.stop()
    }

    @Test func killedAndStartedAtOnceIsNoCopy() async throws {
        let copied = try await Copied()
        try await copied.keepConnected()
        for _ in 1...3 {
            try await copied.site.agent.kill()
            try await copied.site.agent.start()
            try await copied.site.agent.sync()
        }
        try await copied.checkNoCopy()
        try await copied.site.agent.stop()
    }

    /// A power cut: nobody ends the old session, and it does not answer. Raw, since a killed program's system says goodbye for it.
    @Test func aRebootWithItsOldSessionHalfOpenIsNoCopy() async throws {
        let server = try await TestServer()
        try await server.start()
        let device = try await RawDevice(enrollingAt: server)
        let old = try await device.session()
        let start = ContinuousClock.now
        let new = try await device.session()
        #expect(ContinuousClock.now - start >= .seconds(4), "it was asked first")
        #expect(try await old.goodbye()?.reason == CloseReason.replaced.rawValue)
        #expect(try await server.closes("cloneSuspected") == 0)
        try await new.close()
        try await server.stop()
    }

    /// The connected one answers; 200 others come at once.
    @Test func twoHundredCopiesAtOnce() async throws {
        let server = try await TestServer()
        try await server.start()
        let device = try await RawDevice(enrollingAt: server)
        let original = try await device.session()
        let answering = Task {
            while let message = try await original.next() {
                guard case .ping(let ping) = message else { continue }
                var pong = Muster_V1_Pong()
                pong.id = ping.id
                try original.send(.pong(pong))
            }
        }
        let reasons = try await withThrowingTaskGroup(of: UInt32?.self) { group in
            for _ in 1...200 {
                group.addTask { try await device.greeting().goodbye()?.reason }
            }
            return try await group.reduce(into: [UInt32?: Int]()) { counts, reason in counts[reason, default: 0] += 1 }
        }
        // Past what one address may open in a second they are told to come again.
        let refused = reasons[CloseReason.cloneSuspected.rawValue] ?? 0
        #expect(refused + (reasons[CloseReason.busy.rawValue] ?? 0) == 200, "\(reasons)")
        #expect(refused >= 100 && !original.isClosed)
        #expect(try await server.closes("replaced") == 0)
        let id = try #require(device.id).description
        try await eventually("it is told once") { try await server.events("clone-suspected", of: id).count == 1 }
        try await original.close()
        _ = try? await answering.value
        try await server.stop()
    }

    @Test func anImageHasNoIdentity() async throws {
        let site = try await Site()
        let running = try await site.agent.command("prepare-image")
        #expect(running.status == 1 && running.error.contains("already running"))
        try await site.agent.sync()
        try await site.agent.stop()
        let id = try #require(DeviceID(site.device))
        try await site.agent.command("prepare-image").succeeded()
        for name in try FileManager.default.contentsOfDirectory(atPath: site.agent.stateDirectory) {
            let content = FileManager.default.contents(atPath: site.agent.stateDirectory + "/" + name) ?? Data()
            #expect(content.range(of: Data("PRIVATE KEY".utf8)) == nil && content.range(of: Data(id.bytes)) == nil, "\(name)")
        }
        #expect(try await site.agent.status()["device"] == nil)
        try await site.agent.enrol()
        #expect(try await site.agent.deviceID != site.device)
        try await site.agent.start()
        try await site.agent.sync()
        try await site.agent.stop()
    }
}
