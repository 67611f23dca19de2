import Foundation
import MusterModel
import MusterServer
import MusterTestKit
import Testing

/// A connection file added to a package, as the real dpkg sees it.
struct DebianPackageHeadTests {
    private let files: TemporaryDirectory

    init() throws { files = try TemporaryDirectory() }

    /// A small package as `make packages` makes the agent's: its control member is not compressed.
    private func makePackage(fields: String = "") async throws -> String {
        let script = """
            set -e
            cd "$1"
            rm -rf tree && mkdir -p tree/DEBIAN tree/usr/share/doc/small
            printf 'Package: small\\nVersion: 1.0\\nArchitecture: all\\nMaintainer: A <a@b.c>\\n%sDescription: x\\n y\\n' "$2" >tree/DEBIAN/control
            printf '#!/bin/sh\\nexit 0\\n' >tree/DEBIAN/postinst
            chmod 755 tree/DEBIAN/postinst
            seq 3001 >tree/usr/share/doc/small/numbers
            dpkg-deb --root-owner-group --no-uniform-compression -Zgzip --build tree compressed.deb >/dev/null
            rm -rf ar && mkdir ar && cd ar && ar x ../compressed.deb && gunzip control.tar.gz
            rm -f ../small.deb && ar rcD ../small.deb debian-binary control.tar data.tar.gz
            """
        try await runProgram("/bin/bash", ["-c", script, "bash", files.path, fields]).succeeded()
        return files.file("small.deb")
    }

    private func rewritten(_ path: String, _ content: [UInt8], mark: String = "1") throws -> String {
        let bytes = Array(try #require(FileManager.default.contents(atPath: path)))
        var head = try DebianPackageHead(Array(bytes.prefix(DebianPackageHead.longest)))
        try head.add(connectionFile: content, mark: mark, modified: 1_790_000_000)
        let new = head.bytes(modified: 1_790_000_000) + bytes[head.dataOffset...]
        try Data(new).write(to: URL(fileURLWithPath: files.file("new.deb")))
        return files.file("new.deb")
    }

    private func dpkgDeb(_ arguments: String...) async throws -> String {
        try await runProgram("/usr/bin/dpkg-deb", arguments).succeeded().output
    }

    @Test(arguments: [0, 1, 511, 512, 513, 5000])
    func dpkgReadsWhatWasAdded(_ size: Int) async throws {
        let old = try await makePackage()
        let content = (0..<size).map { UInt8(truncatingIfNeeded: $0 % 90 + 32) }
        let new = try rewritten(old, content)
        #expect(try await dpkgDeb("--info", new, "connection") == String(decoding: content, as: UTF8.self))
        #expect(try await dpkgDeb("--info", new, "postinst") == "#!/bin/sh\nexit 0\n")
        #expect(try await dpkgDeb("--field", new, "Package") == "small\n")
        #expect(try await dpkgDeb("--field", new, "Replaces") == "muster-connection-1\n")
        #expect(try await dpkgDeb("--contents", new) == dpkgDeb("--contents", old))
        #expect(try await dpkgDeb("--raw-extract", new, files.file("extracted-\(size)")) == "")
        let mode = try FileManager.default.attributesOfItem(atPath: files.file("extracted-\(size)/DEBIAN/connection"))
        #expect(mode[.posixPermissions] as? Int == 0o600)
        let numbers = try String(contentsOfFile: files.file("extracted-\(size)/usr/share/doc/small/numbers"), encoding: .utf8)
        #expect(numbers.hasSuffix("3000\n3001\n"))
    }

    @Test func whatThePackageReplacesStays() async throws {
        let new = try rewritten(try await makePackage(fields: "Replaces: older\nRecommends: other\n"), [1])
        #expect(try await dpkgDeb("--field", new, "Replaces") == "muster-connection-1, older\n")
        #expect(try await dpkgDeb("--field", new, "Recommends") == "other\n")
    }

    @Test func theBaseIsToldFromADownload() async throws {
        let new = try rewritten(try await makePackage(), [1])
        #expect(throws: DebianPackageHead.Unfit.self) { _ = try rewritten(new, [2]) }
    }

    @Test func otherPackagesAreRefusedWithTheReason() async throws {
        _ = try await makePackage()
        let compressed = Array(try #require(FileManager.default.contents(atPath: files.file("compressed.deb"))))
        let error = #expect(throws: DebianPackageHead.Unfit.self) { _ = try DebianPackageHead(compressed) }
        #expect(error?.reason.contains("control.tar.gz") == true)
        for bytes in [[], Array("!<arch>\n".utf8), Array("not a package at all, however long this is".utf8)] {
            #expect(throws: DebianPackageHead.Unfit.self) { _ = try DebianPackageHead(bytes) }
        }
    }

    /// Whatever is cut off or changed in the head: an error, never a trap.
    @Test func damageIsNoticed() async throws {
        let bytes = Array(try #require(FileManager.default.contents(atPath: try await makePackage())))
        let head = try DebianPackageHead(bytes)
        for length in 0..<head.dataOffset where length % 7 == 0 {
            #expect(throws: DebianPackageHead.Unfit.self) { _ = try DebianPackageHead(Array(bytes.prefix(length))) }
        }
        var generator = SystemRandomNumberGenerator()
        for _ in 0..<2000 {
            var damaged = Array(bytes.prefix(head.dataOffset))
            damaged[Int.random(in: 0..<damaged.count, using: &generator)] = .random(in: 0...255, using: &generator)
            guard var read = try? DebianPackageHead(damaged) else { continue }
            try? read.add(connectionFile: [1, 2, 3], mark: "1", modified: 0)
            #expect(read.bytes(modified: 0).count > 0)
        }
    }

    /// A ratio of one run: what a download does with the head, against dpkg-deb building the package.
    @Test func addingIsMuchCheaperThanBuilding() async throws {
        let path = try await makePackage()
        let content = [UInt8](repeating: 65, count: 1500)
        let clock = ContinuousClock()
        let adding = try clock.measure { for _ in 0..<20 { _ = try rewritten(path, content) } } / 20
        let building =
            try await clock.measure {
                for _ in 0..<5 {
                    _ = try await dpkgDeb("--root-owner-group", "-Zgzip", "--build", files.file("tree"), files.file("built.deb"))
                }
            } / 5
        #expect(adding < building)
    }
}
