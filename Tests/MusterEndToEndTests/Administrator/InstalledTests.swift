import Foundation
import MusterTestKit
import Testing

/// `muster installed`: this machine's own packages, against its own package system.
@Suite(.fewAtATime)
struct InstalledTests {
    private struct Package: Hashable {
        var name, version, architecture: String
    }

    private func packagesHere() async throws -> Set<Package> {
        let format = "${db:Status-Status} ${Package} ${Version} ${Architecture}\\n"
        let output = try await runProgram(ProgramPath.ofSystem("dpkg-query"), ["-W", "-f", format]).succeeded().output
        return Set(
            output.split(separator: "\n").map { $0.split(separator: " ").map(String.init) }
                .filter { $0.count == 4 && $0[0] == "installed" }
                .map { Package(name: $0[1], version: $0[2], architecture: $0[3]) })
    }

    private func listed(_ entries: [[String: Any]]) -> Set<Package> {
        Set(
            entries.filter { $0.text("source") == "dpkg" }.map {
                Package(
                    name: $0.text("name") ?? "", version: $0.text("version") ?? "", architecture: $0.text("architecture") ?? "")
            })
    }

    @Test func theListIsWhatThePackageSystemSays() async throws {
        let site = try await Site()
        // Other tests install and remove packages meanwhile: at some moment both say the same.
        try await eventually("both lists are the same") {
            let here = try await packagesHere()
            try await site.agent.sync()
            let known = listed(try await site.server.musterJSON("installed", "list", "--device", site.device))
            return !here.isEmpty && known == here
        }
        let all = try await site.server.musterJSON("installed", "list")
        #expect(Set(all.texts("device")) == [site.device])
        let count = try await site.server.device(site.device).number("installedCount")
        #expect(try #require(count) >= (try await packagesHere().count) - 10)
        #expect(try await site.server.musterJSON("installed", "list", "--limit", "7").count == 7)
        let table = try await site.server.muster("installed", "list", "--limit", "1").succeeded().output
        #expect(table.contains("VERSION") && table.contains("SOURCE"))
    }

    /// A page has at most 1,000: as many devices as that takes.
    @Test func theListOfAllDevicesPagesByItself() async throws {
        let site = try await Site()
        let count = try #require(try await site.server.device(site.device).number("installedCount"))
        var agents = [site.agent]
        for _ in 0..<(1000 / max(100, count)) {
            let agent = try TestAgent(server: site.server)
            try await agent.enrol()
            try await agent.start()
            try await agent.sync()
            agents.append(agent)
        }
        let all = try await site.server.musterJSON("installed", "list")
        #expect(all.count > 1000)
        #expect(Set(all.texts("device")).count == agents.count)
        let keys = all.map { ["device", "source", "name", "architecture"].map($0.text) }
        #expect(Set(keys).count == all.count, "nothing twice")
        #expect(try await site.server.musterJSON("installed", "list", "--limit", "1001").count == 1001)
    }

    /// Versions older, equal and newer than what is installed, in the ways of deb-version(7).
    private func variants(of version: String) -> [String] {
        [version, version + "~", version + "+1", version + "a", "0", "99:0", "1:" + (version.split(separator: ":").last ?? "")]
    }

    @Test func findOrdersVersionsAsDpkgDoes() async throws {
        let site = try await Site()
        let operators = ["<": "lt", "<=": "le", "=": "eq", ">=": "ge", ">": "gt"]
        // Other tests install and remove packages of their own meanwhile.
        let packages = try await packagesHere().filter { !$0.name.hasPrefix("muster-test-") }
            .sorted { ($0.name, $0.version) < ($1.name, $1.version) }
        let epochs = packages.filter { $0.version.contains(":") }.prefix(3)
        let sample = Set(epochs).union(stride(from: 0, to: packages.count, by: max(1, packages.count / 6)).map { packages[$0] })
        var compared = 0
        for package in sample {
            for (index, version) in variants(of: package.version).enumerated() {
                let (symbol, word) = operators.sorted { $0.key < $1.key }[(index + compared) % operators.count]
                let query = "\(package.name) \(symbol) \(version)"
                let found = listed(try await site.server.musterJSON("installed", "find", query)).contains(package)
                let dpkg = try await runProgram(
                    ProgramPath.ofSystem("dpkg"), ["--compare-versions", package.version, word, version])
                #expect(found == (dpkg.status == 0), "\(query), installed is \(package.version)")
                compared += 1
            }
        }
        #expect(compared >= 40)
    }

    @Test func findSaysWhoHasIt() async throws {
        let site = try await Site()
        let second = try TestAgent(server: site.server)
        try await second.enrol()
        try await second.start()
        try await second.sync()
        let both = Set([site.device, try await second.deviceID])
        #expect(Set(try await site.server.musterJSON("installed", "find", "dpkg").texts("device")) == both)
        #expect(Set(try await site.server.musterJSON("installed", "find", "dpkg > 0").texts("device")) == both)
        #expect(try await site.server.musterJSON("installed", "find", "dpkg", "<", "0").isEmpty)
        #expect(try await site.server.musterJSON("installed", "find", "no-such-package").isEmpty)
        let wrong = try await site.server.muster("installed", "find", "dpkg ~ 1")
        #expect(wrong.status == 64 && wrong.error.contains("openssl < 3.0.17"))
    }
}
