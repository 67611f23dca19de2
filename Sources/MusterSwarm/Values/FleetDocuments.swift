package import MusterModel
package import MusterWire

/// The documents of each device of a fleet, made from the fleet's seed and the device's index whenever they are wanted: a device keeps only
/// their digests, so that 10,000 of them do not keep 10,000 lists.
package struct FleetDocuments: Sendable {
    /// What machines are for: those of one role have nearly the same list.
    private static let roles = 8
    /// Of the packages that not every role has, how many of a hundred one has.
    private static let percentOfOptional: UInt64 = 75
    private static let percentUpdated: UInt64 = 6
    private static let percentOwn: UInt64 = 2

    package let seed: UInt64
    package let table: PackageTable
    /// Where all devices say that they listen for connection requests; nil: they say nothing.
    package let udpPort: UInt16?
    /// Each has systemd services besides, which take settings too.
    package let hasServices: Bool

    /// - Parameter packages: nil: those of the table.
    package init(
        seed: UInt64, packages: Int? = nil, udpPort: UInt16? = nil, hasServices: Bool = false, table: PackageTable = .standard
    ) {
        self.seed = seed
        self.udpPort = udpPort
        self.hasServices = hasServices
        self.table = packages.map { table.with(rows: $0) } ?? table
    }

    /// - Parameter held: what the device holds, and so has applied.
    package func document(_ name: DocumentName, of device: Int, held: [DocumentName: Digest] = [:]) -> Document {
        switch name {
        case .system: Document(facts: system(device))
        case .hardware: Document(facts: hardware(device))
        case .installed: installed(device)
        case .applications: applications(held: held)
        case .taskStates, .manifests, .agent, .settings, .tasks: .empty
        }
    }

    /// What a device says of its managed applications: each takes at once what it is told. Under `settings` there is nothing but services,
    /// so that their part of it has the digest of the whole.
    package func applications(held: [DocumentName: Digest]) -> Document {
        var settings: [ApplicationID: DocumentName] = [.networkAgent: .agent]
        if hasServices { settings[.services] = .settings }
        return Document(
            applications: settings.map { application, document in
                ApplicationReport(
                    application: application, version: ProductVersion.current, state: .running,
                    outcome: held[document] == nil ? .none : .applied, settings: held[document])
            })
    }

    package func digests(of device: Int) -> [DocumentName: Digest] {
        var digests: [DocumentName: Digest] = [:]
        for name in DocumentName.reported { digests[name] = document(name, of: device).digest }
        return digests
    }

    package static func hostName(_ device: Int) -> String {
        let digits = String(device)
        return "swarm-" + String(repeating: "0", count: max(0, 5 - digits.count)) + digits
    }

    private func generator(_ device: Int, _ topic: UInt64) -> SeededGenerator {
        SeededGenerator(seed: seed ^ topic << 56, stream: UInt64(device))
    }

    // MARK: What is installed

    private func installed(_ device: Int) -> Document {
        var own = generator(device, 1)
        let role = UInt64(own.next() % UInt64(Self.roles))
        return table.document { row in
            let chance = own.next()
            // A few of its own in place of the role's choice.
            if chance % 100 < Self.percentOwn { return chance >> 32 & 1 == 0 ? .none : .present }
            guard row.isMultiple(of: 2) || Self.hasOptional(row, role: role, seed: seed) else { return .none }
            return chance >> 16 % 100 < Self.percentUpdated ? .updated : .present
        }
    }

    private static func hasOptional(_ row: Int, role: UInt64, seed: UInt64) -> Bool {
        var generator = SeededGenerator(seed: seed ^ role << 48, stream: UInt64(row))
        return generator.next() % 100 < percentOfOptional
    }

    // MARK: What the device is

    private func system(_ device: Int) -> [String: Document.FactValue] {
        let (high, middle, low) = (device >> 16 & 255, device >> 8 & 255, device & 255)
        var facts: [String: Document.FactValue] = [
            "host-name": Self.hostName(device), "os/id": "debian", "os/name": "Debian GNU/Linux", "os/version": "12",
            "os/pretty-name": "Debian GNU/Linux 12 (bookworm)", "kernel": "6.1.0-41-amd64", "architecture": "x86_64",
            "addresses": "10.\(high).\(middle).\(low)", "agent-version": ProductVersion.current,
        ].mapValues { .text($0) }
        facts[SystemFact.udpPort] = udpPort.map { .integer(Int64($0)) }
        return facts
    }

    private func hardware(_ device: Int) -> [String: Document.FactValue] {
        var own = generator(device, 2)
        let models = ["AMD EPYC 7543 32-Core Processor", "Intel(R) Xeon(R) Gold 6338", "Intel(R) Core(TM) i5-12500"]
        let mac = (0..<3).map { _ in Hexadecimal.text([UInt8(truncatingIfNeeded: own.next())]) }.joined(separator: ":")
        return [
            "cpu/model": .text(models[Int(own.next() % 3)]), "cpu/count": .integer(2 << Int64(own.next() % 4)),
            "memory/total": .integer(4_294_967_296 << Int64(own.next() % 4)), "disk/sda/model": .text("QEMU HARDDISK"),
            "disk/sda/size": .integer(68_719_476_736 << Int64(own.next() % 3)), "interface/ens3/mac": .text("52:54:00:\(mac)"),
            "dmi/product-name": .text("Standard PC (Q35 + ICH9, 2009)"), "dmi/vendor": .text("QEMU"),
        ]
    }
}
