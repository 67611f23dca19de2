import Foundation
import MusterAPI
import MusterModel
import MusterServer
import MusterTestKit
import Synchronization
import Testing

/// `muster policies delivery`, and settings of devices, against the real API.
struct PolicyDeliveryCommandTests {
    private func policy(_ api: APIFixture) async throws -> (muster: MusterCommand, id: PolicyID) {
        let muster = try MusterCommand(api)
        let made = try await muster(
            "policies", "create", "Standard", "--application", "network-agent", "--group", "/", "--set", "sync-interval=5m",
            "--output", "json"
        ).succeeded().object()
        return (muster, try #require((made["id"] as? String).flatMap { PolicyID($0) }))
    }

    @Test func eachDeviceSaysHowFarItIsAndWhyItFailed() async throws {
        try await APIFixture.with { api in
            let (muster, id) = try await policy(api)
            let (alpha, beta) = (try await api.device("alpha"), try await api.device("be\u{1b}[31mta"))
            api.backend.policies.withLock {
                $0.deliveries[id] = [
                    DeviceDelivery(device: alpha, delivery: .applied, report: nil),
                    DeviceDelivery(
                        device: beta, delivery: .failed(code: "port-taken", text: "UDP 15000 is in use\u{7}"), report: nil),
                ]
            }
            let total = try await muster("policies", "delivery", "Standard").succeeded().output
            #expect(total.contains(/Devices +2\n/) && total.contains(/applied +1\n/) && total.contains(/failed +1\n/), "\(total)")
            let devices = try await muster("policies", "delivery", "Standard", "--devices").succeeded().output
            #expect(devices.contains("alpha") && devices.contains("UDP 15000 is in use\\u{7} (port-taken)"), "\(devices)")
            #expect(!devices.contains("\u{1b}") && !devices.contains("\u{7}"))
            let failed = try await muster("policies", "delivery", "Standard", "--state", "failed", "--output", "json").objects()
            #expect(failed.compactMap { $0["device"] as? String } == [beta.description])
            #expect(try await muster("policies", "delivery", "Standard", "--state", "pending").error.contains("No device is"))
        }
    }

    @Test(.timeLimit(.minutes(5))) func aWatcherSaysEachChangeOnceAndEndsWithIt() async throws {
        try await APIFixture.with { api in
            let (muster, id) = try await policy(api)
            let device = try await api.device("alpha")
            func set(_ delivery: SettingsDelivery) {
                api.backend.policies.withLock {
                    $0.deliveries[id] = [DeviceDelivery(device: device, delivery: delivery, report: nil)]
                }
            }
            set(.pending)
            let (process, output, _) = try muster.process(["policies", "delivery", "Standard", "--watch"])
            try process.run()
            defer { process.terminate() }
            var lines = MusterCommand.lines(of: output).makeAsyncIterator()
            #expect(await lines.next(isolation: #isolation) == "0 of 1 applied · 1 pending")
            set(.delivered)
            #expect(await lines.next(isolation: #isolation) == "0 of 1 applied · 1 delivered")
            set(.applied)
            #expect(await lines.next(isolation: #isolation) == "1 of 1 applied")
            #expect(await lines.next(isolation: #isolation) == nil)
            process.waitUntilExit()
            #expect(process.terminationStatus == 0)
        }
    }

    @Test func aWatcherThatSeesNoEndSaysSoByItsExitCode() async throws {
        try await APIFixture.with { api in
            let (muster, id) = try await policy(api)
            let device = try await api.device("alpha")
            func watch(_ delivery: SettingsDelivery, _ timeout: String) async throws -> CommandResult {
                api.backend.policies.withLock {
                    $0.deliveries[id] = [DeviceDelivery(device: device, delivery: delivery, report: nil)]
                }
                return try await muster(
                    "policies", "delivery", "Standard", "--watch", "--timeout", timeout, "--output", "json")
            }
            let late = try await watch(.pending, "1s")
            #expect(late.status == 3 && late.output.contains(#""pending":1"#), "\(late.error)")
            let failed = try await watch(.failed(code: "x", text: "y"), "1m")
            #expect(failed.status == 3 && failed.output.split(separator: "\n").count == 1, "\(failed.output)")
        }
    }

    @Test func aDevicesSettingsAreExplained() async throws {
        try await APIFixture.with { api in
            let (muster, _) = try await policy(api)
            let device = try await api.device("alpha")
            api.backend.policies.withLock { _ = $0.devices.insert(device) }
            let name = "network-agent/sync-interval"
            let set = try await muster("devices", "set", "alpha", name + "=1m").succeeded().output
            #expect(set.contains(/network-agent +sync-interval +1m +- +set for this device/), "\(set)")
            #expect(set.contains(/not 5m +- +policy 'Standard' of \//) && set.contains(/not 15m +- +default/), "\(set)")
            let plain = try await muster("devices", "settings", "alpha", "--application", "network-agent").succeeded().output
            #expect(plain.contains(/request-port +15000 +- +default/) && !plain.contains("not 5m"), "\(plain)")
            try await muster("policies", "lock", "Standard", "sync-interval").succeeded()
            let locked = try await muster("devices", "settings", "alpha", "--explain").succeeded().output
            #expect(
                locked.contains(/sync-interval +5m +locked +policy 'Standard' of \//) && locked.contains("not 1m"), "\(locked)")
            #expect(locked.contains("device-status"))
            let unset = try await muster("devices", "unset", device.description, name, "--output", "json").succeeded()
            let entry = try #require(try unset.objects().first)
            #expect(entry["value"] as? String == "5m" && (entry["overrides"] as? [Any])?.count == 1, "\(unset.output)")
            let wrong = try await muster("devices", "set", "alpha", name + "=1s")
            #expect(
                wrong.status == 1 && wrong.error.contains("  sync-interval: ") && wrong.error.contains("1m…1d"), "\(wrong.error)")
            let secret = try await muster("devices", "set", "alpha", "network-agent/proxy-password=x")
            #expect(secret.status == 1 && secret.error.contains("--secret network-agent/proxy-password=FILE"), "\(secret.error)")
            #expect(try await muster("devices", "applications", "alpha").error.contains("has reported no application"))
        }
    }
}
