import MusterModel
import MusterWire
import Testing

@testable import MusterAgent

@Suite struct FactsTests {
    @Test func thisMachinesSystem() {
        let facts = SystemFacts.read(RootPath("/"), agentVersion: "1.2.3").facts
        for name in ["host-name", "os/name", "os/version", "agent-version", "kernel", "architecture"] {
            #expect(facts[name] != nil)
        }
        #expect(facts["agent-version"] == .text("1.2.3"))
    }

    @Test func operatingSystem() {
        let system = OperatingSystem(lines: [
            "# comment", "PRETTY_NAME=\"Debian GNU/Linux 12 (bookworm)\"", "NAME=\"Debian \\\"GNU\\\"/Linux\"", "VERSION_ID='12'",
            "ID=debian",
        ])
        #expect(system.id == "debian")
        #expect(system.name == "Debian \"GNU\"/Linux")
        #expect(system.version == "12")
        #expect(OperatingSystem(lines: []).name == "Linux")
        #expect(OperatingSystem(lines: ["NAME=\"", "=", "x"]).name == "\"")
    }

    @Test(
        arguments: [
            ([127, 0, 0, 1], false), ([169, 254, 1, 2], false), ([0, 0, 0, 0], false), ([10, 0, 0, 1], true),
            ([UInt8](repeating: 0, count: 15) + [1], false), ([0xfe, 0x80] + [UInt8](repeating: 1, count: 14), false),
            ([0xfe, 0xc0] + [UInt8](repeating: 1, count: 14), true), ([0x20, 0x01] + [UInt8](repeating: 0, count: 14), true),
        ] as [([UInt8], Bool)])
    func addresses(bytes: [UInt8], isReported: Bool) {
        #expect(DeviceAddresses.isReported(bytes) == isReported)
    }

    @Test func privacyAddressesPass() {
        let passing = DeviceAddresses.passingAddresses([
            "20010db8000000000000000000000001 02 40 00 80     eth0", "20010db8000000000000000000000002 02 40 00 01     eth0", "x",
        ])
        #expect(passing == [[0x20, 0x01, 0x0d, 0xb8] + [UInt8](repeating: 0, count: 11) + [2]])
    }

    @Test(
        arguments: [("0", 1), ("0-3", 4), ("0-3,8", 5), ("", nil), ("3-1", nil), ("a", nil), ("1-2-3", nil)] as [(String, Int64?)]
    )
    func processorLists(list: String, count: Int64?) {
        #expect(Processor.count(list) == count)
    }

    @Test func madeUpHardware() throws {
        let device = try TemporaryDirectory()
        try device.write("proc/cpuinfo", "processor\t: 0\nmodel\t\t: 17\nmodel name\t: AMD  EPYC \n")
        try device.write("proc/meminfo", "MemTotal:        2048 kB\nMemFree: 1 kB\n")
        try device.write("sys/devices/system/cpu/present", "0-1\n")
        for (name, size, removable) in [("sda", "2048", "0"), ("sr0", "2048", "1"), ("sdb", "0", "0")] {
            try device.write("sys/block/\(name)/size", size + "\n")
            try device.write("sys/block/\(name)/removable", removable + "\n")
            try device.write("sys/block/\(name)/device/model", "QEMU HARDDISK   \n")
        }
        try device.write("sys/block/loop0/size", "2048\n")
        for (name, mac, type) in [
            ("eth0", "52:54:00:12:34:56", "0"), ("lo", "00:00:00:00:00:00", "0"), ("veth1", "02:00:00:00:00:01", "1"),
        ] {
            try device.write("sys/class/net/\(name)/address", mac + "\n")
            try device.write("sys/class/net/\(name)/addr_assign_type", type + "\n")
        }
        try device.write("sys/class/dmi/id/sys_vendor", "QEMU\n")
        let expected: [String: Document.FactValue] = [
            "cpu/model": .text("AMD EPYC"), "cpu/count": .integer(2), "memory/total": .integer(2_097_152),
            "disk/sda/size": .integer(1_048_576), "disk/sda/model": .text("QEMU HARDDISK"),
            "interface/eth0/mac": .text("52:54:00:12:34:56"), "dmi/vendor": .text("QEMU"),
        ]
        #expect(HardwareFacts.read(RootPath(device.path)).facts == expected)
    }

    @Test func twoReadingsOfThisMachineAreTheSame() {
        let inventory = Inventory(agentVersion: "1")
        #expect(inventory.read().documents == inventory.read().documents)
    }
}
