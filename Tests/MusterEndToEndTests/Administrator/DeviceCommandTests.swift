import Foundation
import MusterTestKit
import Testing

/// `muster devices`: list, show, rename, delete.
@Suite(.fewAtATime)
struct DeviceCommandTests {
    @Test func aDeviceIsShownWithWhatIsKnownOfIt() async throws {
        let site = try await Site()
        let device = try #require(try await site.server.musterJSON("devices", "list").first)
        let host = try await runProgram(ProgramPath.ofSystem("hostname"), []).succeeded().output.dropLast()
        #expect(device.text("id") == site.device && device.text("name") == String(host))
        let name = try await runProgram("/bin/sh", ["-c", ". /etc/os-release; echo $PRETTY_NAME"]).output.dropLast()
        #expect(device.text("operatingSystem") == String(name))
        #expect(device.text("agentVersion")?.isEmpty == false)
        for member in ["created", "lastConnection", "lastSynchronization", "nextSynchronization"] {
            #expect(time(device.text(member)) != nil, "\(member) of \(device)")
        }
        let status = try await site.agent.status()
        #expect(device.object("certificate").text("notAfter") == status.text("certificateNotAfter"))
        let table = try await site.server.muster("devices", "show", site.device).succeeded().output
        for text in [site.device, String(host), String(name), "Last synchronization", "Next synchronization"] {
            #expect(table.contains(text), "\(text) in \(table)")
        }
        #expect(try await site.server.muster("devices", "list").succeeded().output.contains("NEXT SYNCHRONIZATION"))
    }

    @Test func aNewNameStaysAndFindsTheDevice() async throws {
        let site = try await Site()
        try await site.server.muster("devices", "rename", String(site.device.prefix(8)), "reception").succeeded()
        try await site.agent.sync()
        #expect(try await site.server.device("reception").text("id") == site.device)
        #expect(try await site.server.musterJSON("devices", "list").texts("name") == ["reception"])
        let wrong = try await site.server.muster("devices", "rename", "reception", "")
        #expect(wrong.status == 1 && wrong.error.contains("name"))
        #expect(try await site.server.muster("devices", "show", "nobody").error.contains("'nobody'"))
    }

    @Test func aDeletedOneIsCutOffAndItsAgentSaysWhy() async throws {
        let site = try await Site()
        try await site.server.muster("devices", "delete", site.device).succeeded()
        #expect(try await site.server.musterJSON("devices", "list").isEmpty)
        #expect(try await site.server.musterJSON("installed", "find", "dpkg").isEmpty)
        #expect(try await site.server.muster("devices", "show", site.device).status == 1)
        let result = try await site.agent.command("sync")
        #expect(result.status == 1 && result.error.contains("deviceDeleted"), "\(result.error)")
        let error = try await site.agent.status().object("lastError")
        #expect(error.text("reason") == "deviceDeleted" && time(error.text("nextTry")) != nil)
        #expect(site.agent.isRunning, "it waits for a person")
        #expect(try await site.server.closes("deviceDeleted") >= 1)
        #expect(try await site.events("device-deleted").count == 1)
        // Deleted it stays when the server starts again.
        try await site.server.stop()
        try await site.server.start()
        #expect(try await site.agent.command("sync").error.contains("deviceDeleted"))
    }

    @Test func deletingOneLeavesTheOther() async throws {
        let site = try await Site()
        let other = try TestAgent(server: site.server)
        try await other.enrol()
        try await other.start()
        try await site.server.muster("devices", "delete", site.device).succeeded()
        try await other.sync()
        #expect(try await site.server.musterJSON("devices", "list").texts("id") == [try await other.deviceID])
    }
}
