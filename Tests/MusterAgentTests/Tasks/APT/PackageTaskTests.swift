import Glibc
import MusterModel
import Testing

@testable import MusterAgent

/// The real apt-get and dpkg, with their files in a folder.
@Suite(
    "Tasks of packages", .enabled(if: PackageRepository.isPossible, "as root, with apt and dpkg"), .timeLimit(.minutes(5)))
struct PackageTaskTests {
    private let repository: PackageRepository
    private var device: TaskRehearsal { repository.device }

    init() throws { repository = try PackageRepository() }

    private func run(_ type: String, _ settings: [String: ManagedValue] = [:]) async throws -> TaskConclusion {
        try await device.run(.apt, type, settings)
    }

    private func packages(_ names: String...) -> [String: ManagedValue] { [APTTaskKey.packages: .list(names)] }

    private func refreshed() async throws {
        let ended = try await run(APTTaskKey.refreshLists)
        #expect(ended.hasSucceeded, "\(ended) \(device.output)")
    }

    @Test func packagesAreInstalledWithWhatTheyNeedUpgradedAndRemoved() async throws {
        #expect(try await run(APTTaskKey.install, packages("storm")).code == "unknownPackage", "nothing is known yet")
        try await refreshed()
        let installed = try await run(APTTaskKey.install, packages("storm", "weather=1.0"))
        #expect(installed.figures == ["upgraded": 0, "installed": 2, "removed": 0, "notUpgraded": 0], "\(installed)")
        #expect(try repository.installed() == ["storm 2.0", "weather 1.0"])
        // What the owner changed stays.
        try repository.shell("echo 'of the owner' >root/etc/weather.conf")
        let upgraded = try await run(APTTaskKey.upgrade)
        #expect(upgraded.hasSucceeded && upgraded.figures["upgraded"] == 1, "\(upgraded)")
        #expect(try repository.installed() == ["storm 2.0", "weather 1.1"])
        #expect(device.text("root/etc/weather.conf") == "of the owner\n")
        let removed = try await run(APTTaskKey.remove, packages("weather"))
        #expect(removed.hasSucceeded && removed.figures["removed"] == 2, "\(removed)")
        #expect(try repository.installed() == [] && device.text("root/etc/weather.conf") != nil)
        let purged = try await run(APTTaskKey.remove, packages("weather").merging([APTTaskKey.purge: .onOff(true)]) { $1 })
        #expect(purged.hasSucceeded && device.text("root/etc/weather.conf") == nil, "\(purged)")
        #expect(device.output.contains("Setting up weather (1.1)"))
    }

    @Test func theAgentDoesNotRemoveItself() async throws {
        let ended = try await run(APTTaskKey.remove, packages("weather", "muster-agent"))
        #expect(ended.code == "notAllowed" && ended.text.contains("muster devices delete"), "\(ended)")
        #expect(device.output.isEmpty)
    }

    @Test func howFarItIsRisesToItsEnd() async throws {
        try await refreshed()
        let before = device.shares.count
        #expect(try await run(APTTaskKey.install, packages("storm")).hasSucceeded)
        let shares = device.shares.dropFirst(before).compactMap(\.self)
        #expect(shares == shares.sorted() && shares.contains { $0 < 400 } && (shares.last ?? 0) > 900, "\(shares)")
        #expect(device.steps.contains { $0.contains("Unpacking weather") })
    }

    @Test func securityUpdatesAloneAndThoseOfAnOrigin() async throws {
        try await refreshed()
        #expect(try await run(APTTaskKey.install, packages("weather=1.0")).hasSucceeded)
        let others: [[String: ManagedValue]] = [
            [APTTaskKey.origins: .list(["Debian"])], [APTTaskKey.origins: .list(["Test-Security:stable"])], packages("storm"),
        ]
        for settings in others {
            let ended = try await run(APTTaskKey.upgrade, settings)
            #expect(ended == .succeeded(figures: ["upgraded": 0]), "\(settings)")
        }
        #expect(try repository.installed() == ["weather 1.0"])
        let settings: [String: ManagedValue] = [
            APTTaskKey.which: .text("security"), APTTaskKey.origins: .list(["Test-Security:stable-security"]),
            APTTaskKey.packages: .list(["weather"]),
        ]
        #expect(try await run(APTTaskKey.upgrade, settings).hasSucceeded)
        #expect(try repository.installed() == ["weather 1.1"])
    }

    /// apt-get takes a name that fits none for a pattern, and a sign at its end for the opposite.
    @Test func aNameIsNoPatternAndNoOrder() async throws {
        try await refreshed()
        for name in ["weathe.", "wea..er", "stor.+m"] {
            let ended = try await run(APTTaskKey.install, packages(name))
            #expect(ended.code == "unknownPackage" && ended.text.contains(name), "\(name): \(ended)")
            #expect(try await run(APTTaskKey.remove, packages(name)) == .succeeded(figures: ["removed": 0]))
        }
        #expect(try await run(APTTaskKey.remove, packages("storm+")) == .succeeded(figures: ["removed": 0]))
        #expect(try repository.installed() == [])
    }

    @Test func whyItFailedIsSaid() async throws {
        try await refreshed()
        #expect(try await run(APTTaskKey.install, packages("weather=9")).code == "unknownVersion")
        let broken = try await run(APTTaskKey.install, packages("hail"))
        #expect(broken.code == "dpkgFailed" && broken.text.contains("(hail)"), "\(broken) \(device.output)")
        try repository.shell("rm -r repository")
        let gone = try await run(APTTaskKey.refreshLists)
        #expect(gone.code == "fetchFailed", "\(gone) \(device.output)")
        try repository.shell("rm usr/bin/apt-get")
        #expect(try await run(APTTaskKey.refreshLists).code == "aptMissing")
    }

    @Test func packagesThatAnotherWorksOnAreWaitedForAWhile() async throws {
        try await refreshed()
        try device.write("hold", "")
        async let first = run(APTTaskKey.install, packages("weather"))
        while !device.output.contains("newly installed") { try await Task.sleep(for: .milliseconds(20)) }
        let second = try await device.run(
            PackageTask(kind: .install, patience: .seconds(1)), .apt, APTTaskKey.install, packages("storm"))
        #expect(second.code == "locked", "\(second)")
        try repository.shell("rm hold")
        #expect(try await first.hasSucceeded)
        #expect(try await run(APTTaskKey.install, packages("storm")).hasSucceeded)
    }
}
