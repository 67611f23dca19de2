import Glibc
import MusterModel
import MusterSession

/// Numbers of this device and of the agent itself that change by themselves. What cannot be read is left out.
enum StatisticsReader {
    /// - Parameters:
    ///   - clockOffset: server minus device, as the last Welcome taught it.
    ///   - applications: of the connectors.
    static func read(
        root: RootPath = RootPath("/"), eventsWaiting: Int, clockOffset: Duration? = nil,
        applications: [ApplicationID: [String: Int64]] = [:], now: Timestamp
    ) -> DeviceStatistics {
        var agent: [String: Int64] = ["events-waiting": Int64(eventsWaiting)]
        agent["memory-bytes"] = residentBytes(root.line("proc/self/statm"))
        agent["processor-milliseconds"] = processorTime()
        var device: [String: Int64] = [:]
        device["uptime-seconds"] = uptime(root.line("proc/uptime"))
        device["load-hundredths"] = load(root.line("proc/loadavg"))
        device["memory-available-bytes"] = memoryAvailable(root.lines("proc/meminfo"))
        let disk = fileSystem(of: root.path(""))
        device["disk-free-bytes"] = disk?.free
        device["disk-total-bytes"] = disk?.total
        agent["clock-offset-milliseconds"] = clockOffset.map { -max($0.milliseconds, -.max) }
        var all = ["network-agent": agent, "device": device]
        for (application, values) in applications where !values.isEmpty {
            all[application.description, default: [:]].merge(values) { own, _ in own }
        }
        return DeviceStatistics(collected: now, applications: all)
    }

    static func residentBytes(_ statm: String?) -> Int64? {
        guard let pages = fields(statm).dropFirst().first.flatMap({ Int64($0) }) else { return nil }
        return pages.multipliedReportingOverflow(by: Int64(sysconf(Int32(_SC_PAGESIZE)))).partialValue
    }

    static func uptime(_ line: String?) -> Int64? { fields(line).first.flatMap { Int64($0.prefix { $0 != "." }) } }

    static func load(_ line: String?) -> Int64? {
        guard let value = fields(line).first.flatMap({ Double($0) }), (0..<1_000_000).contains(value) else { return nil }
        return Int64(value * 100)
    }

    static func memoryAvailable(_ meminfo: [Substring]) -> Int64? {
        let line = meminfo.first { $0.hasPrefix("MemAvailable:") }
        let kibibytes = line?.split(separator: " ").dropFirst().first.flatMap { Int64($0) }
        return kibibytes.map { $0.multipliedReportingOverflow(by: 1024).partialValue }
    }

    private static func fields(_ line: String?) -> [Substring] { (line ?? "").split(separator: " ") }

    private static func processorTime() -> Int64? {
        let microseconds = clock()
        return microseconds < 0 ? nil : Int64(microseconds) / 1000
    }

    private static func fileSystem(of path: String) -> (free: Int64, total: Int64)? {
        var status = statvfs()
        guard statvfs(path, &status) == 0 else { return nil }
        func bytes(_ blocks: fsblkcnt_t) -> Int64 {
            Int64(clamping: UInt64(blocks).multipliedReportingOverflow(by: UInt64(status.f_frsize)).partialValue)
        }
        return (free: bytes(status.f_bavail), total: bytes(status.f_blocks))
    }
}
