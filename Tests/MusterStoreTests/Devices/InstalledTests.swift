import MusterModel
import MusterStore
import Testing

@Suite struct InstalledTests {
    private static func package(_ name: String, _ version: String, architecture: String = "amd64") -> InstalledApplication {
        InstalledApplication(source: "dpkg", name: name, version: version, architecture: architecture, size: 1024)
    }

    @Test(arguments: DatabaseKind.allCases)
    func wholeListsAndPatches(_ kind: DatabaseKind) async throws {
        try await StoreFixture.with(kind) { fixture in
            let store = fixture.store
            let device = try await fixture.enrol()
            let start = StoreFixture.start
            func installed() async throws -> [String] {
                try await store.fetchInstalled(device: device, after: nil, limit: 5000).map {
                    "\($0.application.name) \($0.application.version) \(($0.firstSeen - start).milliseconds)"
                }
            }
            try await fixture.report(device, .whole([Self.package("bash", "5.2"), Self.package("hello", "2.10")]))
            #expect(try await installed() == ["bash 5.2 0", "hello 2.10 0"])

            let second = [Self.package("bash", "5.2"), Self.package("hello", "2.12"), Self.package("zsh", "5.9")]
            try await fixture.report(device, .whole(second), now: start + .milliseconds(1))
            #expect(try await installed() == ["bash 5.2 0", "hello 2.12 1", "zsh 5.9 1"])

            let remove = [InstalledKey(source: "dpkg", name: "bash", architecture: "amd64")]
            try await fixture.report(
                device, .patch(put: [Self.package("zsh", "6.0"), Self.package("cowsay", "3.03")], remove: remove),
                now: start + .milliseconds(2))
            #expect(try await installed() == ["cowsay 3.03 2", "hello 2.12 1", "zsh 6.0 2"])

            try await fixture.report(device, .whole([]))
            #expect(try await installed() == [])
            #expect(try await store.statistics().installedItems == 6)
            while try await store.deleteUnusedInstalledItems() > 0 {}
            #expect(try await store.statistics().installedItems == 0)
        }
    }

    @Test(arguments: DatabaseKind.allCases)
    func longListsAndPages(_ kind: DatabaseKind) async throws {
        try await StoreFixture.with(kind) { fixture in
            let applications = (0..<901).map { Self.package("package-\($0)", "1.\($0)") }
            let devices = [try await fixture.enrol("a"), try await fixture.enrol("b")]
            for device in devices { try await fixture.report(device, .whole(applications)) }
            for wanted in [devices[0], nil] {
                var found: [InstalledRecord] = []
                var cursor: InstalledCursor?
                repeat {
                    let page = try await fixture.store.fetchInstalled(device: wanted, after: cursor, limit: 500)
                    found += page
                    cursor = page.last?.cursor
                    if let cursor { #expect(InstalledCursor("\(cursor)") == cursor) }
                } while cursor != nil
                #expect(found.count == 901 * (wanted == nil ? 2 : 1))
                #expect(Set(found.map { "\($0.application.name) \($0.device)" }).count == found.count)
                #expect(
                    found.map(\.application.name)
                        == found.map(\.application.name).sorted { Array($0.utf8).lexicographicallyPrecedes(Array($1.utf8)) })
            }
            #expect(try await fixture.store.statistics().installedItems == 901)
        }
    }

    @Test(arguments: DatabaseKind.allCases)
    func whoHasAnOlderVersion(_ kind: DatabaseKind) async throws {
        try await StoreFixture.with(kind) { fixture in
            let versions = ["3.0.9-1", "3.0.17~rc1-1", "3.0.17-1~deb12u2", "3.0.17-1", "1:1.0"]
            for version in versions {
                let device = try await fixture.enrol("has \(version)")
                let python = InstalledApplication(source: "python", name: "openssl", version: "3.0.17rc1")
                try await fixture.report(
                    device, .whole([Self.package("openssl", version), Self.package("openssl3", "1"), python]))
            }
            func find(_ comparison: VersionComparison.Operator?, _ version: String, limit: Int = 100) async throws -> [String] {
                var found: [String] = []
                var cursor: InstalledCursor?
                repeat {
                    let page = try await fixture.store.findInstalled(
                        name: "openssl", comparison: comparison.map { VersionComparison($0, version) }, after: cursor,
                        limit: limit)
                    found += page.map { "\($0.application.source) \($0.application.version)" }
                    cursor = page.last?.cursor
                } while cursor != nil
                return found
            }
            let python = Array(repeating: "python 3.0.17rc1", count: 5)
            let dpkg = { (list: ArraySlice<String>) in list.map { "dpkg \($0)" } }
            #expect(try await find(.less, "3.0.17") == dpkg(versions[0...1]) + python)
            #expect(try await find(.lessOrEqual, "3.0.17-1") == dpkg(versions[0...3]) + python)
            #expect(try await find(.equal, "3.0.17-1") == dpkg(versions[3...3]))
            #expect(try await find(.greater, "3.0.17-1") == dpkg(versions[4...4]))
            #expect(try await find(.greaterOrEqual, "3.0.17-1", limit: 1) == dpkg(versions[3...4]))
            #expect(try await find(nil, "", limit: 2) == dpkg(versions[...]) + python)
        }
    }

    /// What a device says may be of any length and hold any character; nothing of it may make a document impossible to store.
    @Test(arguments: DatabaseKind.allCases)
    func textOfAnyKind(_ kind: DatabaseKind) async throws {
        try await StoreFixture.with(kind) { fixture in
            let device = try await fixture.enrol("\0" + String(repeating: "🐄", count: 200))
            let long = String((0..<10_000).map { _ in Character(UnicodeScalar(UInt8.random(in: 33...126))) })
            let application = InstalledApplication(
                source: long, name: "a\0" + long, version: String(repeating: "a1", count: 5000), architecture: long, size: .max)
            let debian = InstalledApplication(
                source: "dpkg", name: long, version: String(repeating: "a1", count: 5000), architecture: long)
            #expect(try await fixture.report(device, .whole([application, debian])))
            let found = try await fixture.store.fetchInstalled(device: device, after: nil, limit: 10)
            #expect(found.count == 2)
            #expect(found.allSatisfy { $0.application.name.utf8.count <= 512 && $0.deviceName.utf8.count <= 255 })
            let keys = [application, debian].map(\.key)
            #expect(try await fixture.report(device, .patch(put: [], remove: keys)))
            #expect(try await fixture.store.fetchInstalled(device: device, after: nil, limit: 10) == [])
        }
    }
}
