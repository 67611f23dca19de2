import MusterLabKit
import MusterTestKit

extension LabServer {
    /// `muster devices sync ID --wait` for a device without a session; where one was there after all, it is ordered again.
    func syncWithoutSession(_ device: LabDevice, timeout: String = "60s") async throws -> CommandResult {
        var attempts = 5
        while true {
            try await waitUntilDisconnected(device)
            let result = try await muster("devices", "sync", device.id, "--wait", "--timeout", timeout)
            attempts -= 1
            if attempts == 0 || !result.output.contains("sent over the open connection") { return result }
        }
    }
}
