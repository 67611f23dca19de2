import MusterModel
import MusterSession

extension SimulatedDevice {
    /// Numbers of the shape that an agent says: as many, as large.
    func statistics(time: Timestamp, now: Duration) -> DeviceStatistics {
        let step = Int64(index % 97)
        let agent: [String: Int64] = [
            "events-waiting": Int64(unacknowledgedEvents), "memory-bytes": 18_000_000 + step * 4096,
            "processor-milliseconds": 400 + now.milliseconds / 1000,
        ]
        let device: [String: Int64] = [
            "uptime-seconds": 86_400 * step + now.milliseconds / 1000, "load-hundredths": step,
            "memory-available-bytes": 4_000_000_000 + step * 1_048_576, "disk-free-bytes": 50_000_000_000 + step * 1_048_576,
        ]
        return DeviceStatistics(collected: time, applications: ["network-agent": agent, "device": device])
    }
}
