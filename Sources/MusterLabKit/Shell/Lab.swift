import Foundation
package import MusterTestKit

/// Networks, a server and devices on one machine: booted Debian systems that run the real programs, each in a network of its own, behind
/// routers that translate, drop and lose. Needs root.
///
/// ```swift
/// try await withLab(LabPlan([("krk-pc-07", .home)])) { lab in
///     try await lab.device("krk-pc-07").run("systemctl poweroff")
/// }
/// ```
package final class Lab: Sendable {
    package let plan: LabPlan
    package let server: LabServer
    package let devices: [LabDevice]
    private let keeper: LabKeeper
    private let names: LabNames
    /// For what it has to remember on this machine.
    let files: TemporaryDirectory

    /// Makes all of it, boots all of it at once, and sets the server up; devices are not enrolled.
    package init(_ plan: LabPlan, settings: [String: Any] = [:]) async throws {
        self.plan = plan
        let base = try await LabBase.directory()
        let packages = try await LabPackages.directory()
        files = try TemporaryDirectory()
        let keeper = try await LabKeeper()
        self.keeper = keeper
        try await keeper.run(LabWiring.networks)
        names = try LabNames(keeper: keeper)
        func host(_ name: String) -> LabHost {
            LabHost(name, place: plan.place(of: name), number: plan.number(of: name), keeper: keeper, packages: packages)
        }
        let server = LabServer(host(LabPlan.server), files: files)
        self.server = server
        devices = plan.devices.map { LabDevice(host($0.name), server: server) }
        let hosts = [server.host] + devices.map(\.host)
        for host in hosts { try await host.make(over: base) }
        try await names.set([
            LabPlan.externalName: LabPlace.office.outside, LabPlan.internalName: LabPlace.office.address(LabPlan.serverHost),
        ])
        try server.set(settings)
        try await withThrowingTaskGroup(of: Void.self) { group in
            for host in hosts { group.addTask { try await host.boot() } }
            try await group.waitForAll()
        }
        try await server.setUp()
    }

    /// The server's machine, then the devices'.
    package var hosts: [LabHost] { [server.host] + devices.map(\.host) }

    /// By name.
    package func host(_ name: String) throws -> LabHost {
        name == LabPlan.server ? server.host : try device(name).host
    }

    /// By name.
    package func device(_ name: String) throws -> LabDevice {
        guard let device = devices.first(where: { $0.name == name }) else {
            throw FixtureError(
                description: "the lab has no device \(name): it has \(devices.map(\.name).joined(separator: ", "))")
        }
        return device
    }

    /// Does something with all devices at once.
    package func onAll(_ act: @escaping @Sendable (LabDevice) async throws -> Void) async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            for device in devices { group.addTask { try await act(device) } }
            try await group.waitForAll()
        }
    }

    /// Enrols all devices and starts their agents.
    package func enrolAll() async throws { try await onAll { try await $0.enrol() } }

    /// Drops at a router what goes to a port or comes from it, in old connections as in new ones, until `unblock`.
    package func block(_ port: LabPort, at place: LabPlace) async throws {
        let ways = ["dport", "sport"].map { "nft add rule inet lab blocked \(port.kind.rawValue) \($0) \(port.number) drop" }
        try await atRouter(place, ways.joined(separator: "\n"))
    }

    /// Ends all blocks at a router.
    package func unblock(at place: LabPlace) async throws { try await atRouter(place, "nft flush chain inet lab blocked") }

    /// Gives the server's router another address outside, which the name then leads to: as with another provider.
    package func changeServerAddress(to address: String = "203.0.113.99") async throws {
        try await atRouter(
            .office,
            """
            ip address flush dev outside scope global
            ip address add \(address)/24 dev outside
            ip route replace default via \(LabPlan.internet)
            """)
        try await names.set([
            LabPlan.externalName: address, LabPlan.internalName: LabPlace.office.address(LabPlan.serverHost),
        ])
    }

    /// Runs a shell script at a place's router.
    @discardableResult
    package func atRouter(_ place: LabPlace, _ script: String) async throws -> CommandResult {
        try await keeper.run("ip netns exec \(LabWiring.namespace(of: place)) sh -e -c \(LabFile.quoted(script))")
    }

    /// Ends all of it at once; nothing is left.
    package func destroy() { keeper.end() }

    /// What the programs of all machines said lately: for a test that failed.
    package func report() async -> String {
        var text = ""
        for host in hosts {
            let said =
                host.isOn ? try? await host.run("journalctl -q --no-pager -n 40 -u 'muster-*'", within: .seconds(10)).output : nil
            text += "\n== \(host.name) (\(host.place))\n\(said ?? host.console.suffix(2000).description)"
        }
        return text
    }
}

/// A lab for as long as something is done with it.
/// - Throws: what was thrown in it, with what its machines said.
package func withLab<Value>(
    _ plan: LabPlan, settings: [String: Any] = [:], _ act: (Lab) async throws -> Value
) async throws -> Value {
    let lab = try await Lab(plan, settings: settings)
    defer { lab.destroy() }
    do {
        return try await act(lab)
    } catch {
        throw FixtureError(description: "\(error)\n\(await lab.report())")
    }
}
