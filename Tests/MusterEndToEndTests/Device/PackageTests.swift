import Foundation
import MusterTestKit
import Testing

/// What happens to this machine's packages reaches the server by itself, as events and as a patch of the list.
@Suite(.serialized, .needsRoot)
struct PackageTests {
    private let files: TemporaryDirectory

    init() throws { files = try TemporaryDirectory() }

    private func apt(_ arguments: String...) async throws {
        try await runProgram(
            ProgramPath.ofSystem("apt-get"), ["-q", "-y", "-o", "DPkg::Lock::Timeout=300"] + arguments,
            environment: ["DEBIAN_FRONTEND": "noninteractive"], within: .seconds(400)
        ).succeeded()
    }

    /// Not there before, and not left behind. Through apt, which waits for others that have the package database.
    private func without(_ package: String, _ body: () async throws -> Void) async throws {
        try await remove(package)
        do {
            try await body()
        } catch {
            try? await remove(package)
            throw error
        }
        try await remove(package)
    }

    /// apt-get refuses to remove what no source of packages has heard of.
    private func remove(_ package: String) async throws {
        let known = try await runProgram(ProgramPath.ofSystem("dpkg-query"), ["-W", package])
        if known.status == 0 { try await apt("purge", package) }
    }

    /// A package of one empty directory.
    private func build(_ package: String, _ version: String) async throws -> String {
        let root = files.file("\(package)-\(version.replacing(":", with: "_"))")
        try FileManager.default.createDirectory(atPath: "\(root)/DEBIAN", withIntermediateDirectories: true)
        let control = """
            Package: \(package)
            Version: \(version)
            Architecture: all
            Maintainer: Tests <tests@muster.invalid>
            Description: made by a test

            """
        try control.write(toFile: "\(root)/DEBIAN/control", atomically: true, encoding: .utf8)
        for path in [root, "\(root)/DEBIAN"] {
            try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: path)
        }
        try await runProgram(ProgramPath.ofSystem("dpkg-deb"), ["--build", "--root-owner-group", root, "\(root).deb"]).succeeded()
        return "\(root).deb"
    }

    /// An event about a package, and the list with it as it is then.
    private func happened(_ what: String, _ package: String, at site: Site) async throws -> [String: Any] {
        try await eventual("the server has the event application-\(what) of \(package)") {
            try await site.events("application-\(what)").first { $0.parameter("name") as? String == package }
        }
    }

    private func versions(of package: String, at site: Site) async throws -> [String] {
        try await site.server.musterJSON("installed", "find", package).texts("version")
    }

    @Test func anInstalledPackageIsAnEventAndInTheList() async throws {
        try await without("hello") {
            let site = try await Site()
            #expect(try await versions(of: "hello", at: site).isEmpty)
            try await apt("install", "hello")
            let event = try await happened("installed", "hello", at: site)
            let version = try #require(event.parameter("version") as? String)
            #expect(event.parameter("source") as? String == "dpkg")
            #expect(event.text("severity") == "info" && event.text("text")?.contains("hello \(version)") == true)
            try await eventually("the list has it") { try await versions(of: "hello", at: site) == [version] }
            try await remove("hello")
            #expect(try await happened("removed", "hello", at: site).parameter("version") as? String == version)
            try await eventually("the list does not have it") { try await versions(of: "hello", at: site).isEmpty }
        }
    }

    @Test func installedUpdatedRemovedEachOnce() async throws {
        let package = "muster-test-life"
        let (old, new) = (try await build(package, "1.0"), try await build(package, "1:0.9"))
        try await without(package) {
            let site = try await Site()
            try await apt("install", old)
            _ = try await happened("installed", package, at: site)
            try await apt("install", new)
            let updated = try await happened("updated", package, at: site)
            #expect(updated.parameter("version") as? String == "1:0.9")
            #expect(updated.parameter("previousVersion") as? String == "1.0")
            try await eventually("the list has the new one") { try await versions(of: package, at: site) == ["1:0.9"] }
            try await remove(package)
            _ = try await happened("removed", package, at: site)
            try await eventually("the list does not have it") { try await versions(of: package, at: site).isEmpty }
            let all = try await site.server.musterJSON("events", "list", "--device", site.device, "--limit", "100000")
            let own = all.filter { $0.parameter("name") as? String == package }
            #expect(own.texts("type") == ["application-installed", "application-updated", "application-removed"])
        }
    }

    /// The agent's log says how many bytes of documents each synchronization moved: the first the whole list, the next what changed.
    @Test func theNewListMovesAsAPatch() async throws {
        let package = "muster-test-patch"
        let file = try await build(package, "2.0")
        try await without(package) {
            let site = try await Site()
            let whole = try #require(bytesMoved(site.agent.log).max())
            #expect(whole > 4000, "the whole list was sent first")
            let before = bytesMoved(site.agent.log).count
            try await apt("install", file)
            try await eventually("the list has it") {
                try await versions(of: package, at: site) == ["2.0"]
            }
            try await remove(package)
            _ = try await happened("removed", package, at: site)
            let later = bytesMoved(site.agent.log).dropFirst(before)
            #expect(later.contains { $0 > 0 })
            #expect(try #require(later.max()) < 1000, "\(later), \(whole) for the whole list")
        }
    }

    /// Packages happened while no agent ran: it finds out at its start.
    @Test func whatHappenedMeanwhileIsFoundAtTheStart() async throws {
        let package = "muster-test-meanwhile"
        let file = try await build(package, "3.0")
        try await without(package) {
            let site = try await Site()
            try await site.agent.stop()
            try await apt("install", file)
            try await site.agent.start()
            _ = try await happened("installed", package, at: site)
        }
    }

    /// The other source: what `pip install` leaves for everybody.
    @Test func aPythonPackageIsInTheListToo() async throws {
        let site = try await Site()
        let package = "muster-test-\(UUID().uuidString.prefix(8).lowercased())"
        let directory = "\(try pythonDirectory())/\(package.replacing("-", with: "_"))-1.5.dist-info"
        defer { try? FileManager.default.removeItem(atPath: directory) }
        try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: false)
        try "Metadata-Version: 2.1\nName: \(package)\nVersion: 1.5\n"
            .write(toFile: "\(directory)/METADATA", atomically: true, encoding: .utf8)
        #expect(try await happened("installed", package, at: site).parameter("source") as? String == "python")
        try await eventually("the list has it") {
            let found = try await site.server.musterJSON("installed", "find", "\(package) < 1.10")
            return found.texts("source") == ["python"] && found.texts("version") == ["1.5"]
        }
        try FileManager.default.removeItem(atPath: directory)
        _ = try await happened("removed", package, at: site)
    }

    private func pythonDirectory() throws -> String {
        let local = try FileManager.default.contentsOfDirectory(atPath: "/usr/local/lib").filter { $0.hasPrefix("python3") }
        let candidates = local.map { "/usr/local/lib/\($0)/dist-packages" } + ["/usr/lib/python3/dist-packages"]
        guard let directory = candidates.first(where: FileManager.default.fileExists) else {
            throw FixtureError(description: "Python is not installed: run `make test`, which installs what the tests need")
        }
        return directory
    }

    private func bytesMoved(_ log: String) -> [Int] {
        log.split(separator: "\n").filter { $0.contains("synchronized") }.compactMap { line in
            line.split(separator: " ").first { $0.hasPrefix("document.bytes=") }.flatMap { Int($0.dropFirst(15)) }
        }
    }
}
