import Glibc
import MusterModel
import Testing

@testable import MusterAgent

/// With programs that stand in for systemctl and shutdown: what they are told is to be seen; the real ones are in the lab's tests.
@Suite("Tasks of units and of the device, with stand-ins for systemd's programs")
struct UnitAndDeviceTaskTests {
    private let device: TaskRehearsal

    init() throws {
        device = try TaskRehearsal()
        try device.add("sbin/shutdown", "printf '<%s>' \"$@\"")
    }

    @Test func eachUnitIsDoneInItsOrderAndSaysHowItWent() async throws {
        try device.add(
            "usr/bin/systemctl",
            """
            echo "$@" >>\(device.file("calls"))
            case "$*" in
                *"restart -- bad.service") echo 'Job for bad.service failed.' >&2; exit 1 ;;
                *"restart -- none.service") exit 5 ;;
                *status*) echo 'the last lines of its log'; exit 3 ;;
            esac
            """)
        let units = ["a.service", "bad.service", "none.service", "b@1.service"]
        let ended = try await device.run(.services, ServicesTaskKey.restart, [ServicesTaskKey.units: .list(units)])
        #expect(ended.code == "unitFailed" && ended.figures == ["units": 4, "failed": 2])
        #expect(ended.text == "2 of 4 failed: bad.service (exit code 1), none.service (not found); the output says why")
        #expect(
            device.output == """
                a.service: restarted
                Job for bad.service failed.
                bad.service: exit code 1
                the last lines of its log
                none.service: not found
                the last lines of its log
                b@1.service: restarted

                """)
        let common = "--no-pager --no-ask-password --full"
        #expect(device.text("calls")?.hasPrefix("\(common) restart -- a.service\n") == true)
        #expect(device.shares == [0, 250, 500, 750, 1000])
        #expect(try await device.run(.services, ServicesTaskKey.stop, [ServicesTaskKey.units: .list(["a.service"])]).hasSucceeded)
    }

    @Test func theAgentIsNotStoppedFromAfar() async throws {
        let ended = try await device.run(
            .services, ServicesTaskKey.stop, [ServicesTaskKey.units: .list(["a.service", "muster-agent.service"])])
        #expect(ended.code == "notAllowed" && device.output.isEmpty)
    }

    @Test(arguments: [
        (DeviceTaskKey.restart, Duration?.none, String?.none, "<--reboot><--><+1>"),
        (DeviceTaskKey.shutDown, .seconds(61), "-h now", "<--poweroff><--><+2><-h now>"),
        (DeviceTaskKey.restart, .hours(24), "Save; $(reboot)", "<--reboot><--><+1440><Save; $(reboot)>"),
    ])
    func shutdownIsToldWhenAndWhy(type: String, delay: Duration?, message: String?, told: String) async throws {
        var settings: [String: ManagedValue] = [:]
        settings[DeviceTaskKey.delay] = delay.map { .duration($0) }
        settings[DeviceTaskKey.message] = message.map { .text($0) }
        #expect(try await device.run(.device, type, settings).hasSucceeded)
        #expect(device.output.hasPrefix(told), "\(device.output)")
    }

    @Test func withoutSystemdNothingIsArranged() async throws {
        rmdir(device.file("run/systemd/system"))
        #expect(try await device.run(.device, DeviceTaskKey.restart).code == "systemdMissing")
    }
}
