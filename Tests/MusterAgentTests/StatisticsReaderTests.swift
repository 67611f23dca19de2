import MusterModel
import MusterSession
import Testing

@testable import MusterAgent

@Suite("Statistics of the device and the agent")
struct StatisticsReaderTests {
    @Test func whatTheKernelSays() {
        #expect(StatisticsReader.uptime("12345.67 99.1") == 12345)
        #expect(StatisticsReader.load("0.52 0.58 0.59 1/257 1234") == 52)
        #expect(StatisticsReader.memoryAvailable(["MemTotal: 16 kB", "MemAvailable:   2048 kB"]) == 2_097_152)
        #expect((StatisticsReader.residentBytes("9000 10 5") ?? 0) >= 40_960)
    }

    @Test(arguments: ["", "x", "-", "nan inf"])
    func whatIsNotUnderstoodIsLeftOut(_ line: String) {
        #expect(StatisticsReader.uptime(line) == nil && StatisticsReader.load(line) == nil)
        #expect(StatisticsReader.residentBytes(line) == nil && StatisticsReader.memoryAvailable([line[...]]) == nil)
    }

    @Test func ofThisMachine() {
        let statistics = StatisticsReader.read(eventsWaiting: 3, now: noon)
        #expect(statistics.collected == noon && statistics.applications["network-agent"]?["events-waiting"] == 3)
        #expect(statistics.applications["device"]?["uptime-seconds"] ?? 0 > 0)
        let (free, total) = (
            statistics.applications["device"]?["disk-free-bytes"], statistics.applications["device"]?["disk-total-bytes"]
        )
        #expect((free ?? .max) <= (total ?? 0))
        #expect(statistics.applications["network-agent"]?["clock-offset-milliseconds"] == nil)
    }

    @Test func theClockIsDeviceMinusServer() {
        func shown(_ offset: Duration) -> Int64? {
            StatisticsReader.read(eventsWaiting: 0, clockOffset: offset, now: noon)
                .applications["network-agent"]?["clock-offset-milliseconds"]
        }
        #expect(shown(.seconds(-2)) == 2000 && shown(.milliseconds(1500)) == -1500)
        #expect(shown(.milliseconds(Int64.min)) == .max)
    }

    @Test func connectorsHaveTheirOwn() {
        let statistics = StatisticsReader.read(
            eventsWaiting: 0, applications: [.services: ["restarts/ssh.service": 1], .networkAgent: ["events-waiting": 9]],
            now: noon)
        #expect(statistics.applications["services"] == ["restarts/ssh.service": 1])
        #expect(statistics.applications["network-agent"]?["events-waiting"] == 0)
    }
}
