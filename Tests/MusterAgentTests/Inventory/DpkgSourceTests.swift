import FoundationEssentials
import Glibc
import MusterModel
import Testing

@testable import MusterAgent

@Suite struct DpkgSourceTests {
    private let device: TemporaryDirectory
    private let source: DpkgSource

    init() throws {
        device = try TemporaryDirectory()
        source = DpkgSource(root: device.path)
    }

    @Test func readsTheStatus() throws {
        try device.write("var/lib/dpkg/status", package("hello", "2.10-3", kibibytes: 277) + package("adduser", "3.134", "all"))
        #expect(try source.read() == [application("adduser", "3.134", "all"), application("hello", "2.10-3", size: 277 * 1024)])
    }

    @Test(arguments: [
        ("installed", true), ("unpacked", true), ("half-configured", true), ("triggers-awaited", true),
        ("triggers-pending", true),
        ("half-installed", true), ("config-files", false), ("not-installed", false),
    ])
    func countsPackagesWhoseFilesAreThere(state: String, isThere: Bool) throws {
        try device.write("var/lib/dpkg/status", package("hello", state: state))
        #expect(try source.read().isEmpty != isThere)
    }

    @Test func firstInstallationHasNoVersionYet() throws {
        try device.write("var/lib/dpkg/status", package("hello", nil, state: "half-installed"))
        #expect(try source.read().isEmpty)
    }

    @Test func oneNameInTwoArchitectures() throws {
        try device.write("var/lib/dpkg/status", package("libc6") + package("libc6", "1", "i386"))
        #expect(try source.read().map(\.architecture) == ["amd64", "i386"])
    }

    @Test func journalReplacesTheStatus() throws {
        try device.write("var/lib/dpkg/status", package("hello") + package("gone") + package("kept"))
        try device.write("var/lib/dpkg/updates/0000", package("hello", "2", state: "unpacked"))
        try device.write("var/lib/dpkg/updates/0001", package("hello", "3"))
        try device.write("var/lib/dpkg/updates/0002", package("gone", nil, nil, state: "not-installed"))
        try device.write("var/lib/dpkg/updates/0003", package("new"))
        try device.write("var/lib/dpkg/updates/tmp.i", package("unfinished"))
        #expect(try source.read() == [application("hello", "3"), application("kept"), application("new")])
    }

    @Test func deviceWithoutDpkgHasNoPackages() throws {
        #expect(try source.read().isEmpty)
    }

    @Test func missingOrDamagedStatusIsNoEmptyList() throws {
        try device.write("var/lib/dpkg/available", "")
        #expect(code { () throws(AgentError) in try source.read() } == .sourceUnreadable)
        try device.write("var/lib/dpkg/status", package("hello") + "Version: 1\n\n")
        #expect(code { () throws(AgentError) in try source.read() } == .sourceUnreadable)
    }

    @Test func absurdSizesAreUnknown() throws {
        try device.write(
            "var/lib/dpkg/status", package("big").replacing("Installed-Size: 4", with: "Installed-Size: 18446744073709551615"))
        #expect(try source.read().map(\.size) == [0])
    }

    @Test func threeThousandPackagesAreRead() throws {
        let filler = String(repeating: "Depends: something (>= 1.0), something-else\n", count: 25)
        let status = (0..<3000).map { filler + package("package-\($0)") }.joined()
        try device.write("var/lib/dpkg/status", status)
        #expect(try source.read().count == 3000)
    }

    /// What `dpkg-query` says of the machine the tests run on.
    @Test(.enabled(if: access("/usr/bin/dpkg-query", X_OK) == 0))
    func thisMachineAsDpkgSaysIt() throws {
        let stream = try #require(
            popen("dpkg-query -W -f '${db:Status-Status} ${Package} ${Version} ${Architecture} ${Installed-Size}\\n'", "r"))
        defer { pclose(stream) }
        var expected: Set<String> = []
        var line = [CChar](repeating: 0, count: 4096)
        while fgets(&line, Int32(line.count), stream) != nil {
            let text = String(decoding: line.prefix { $0 != 0 && $0 != 10 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
            if text.hasPrefix("installed ") { expected.insert(String(text.dropFirst("installed ".count))) }
        }
        let found = try DpkgSource().read().map { "\($0.name) \($0.version) \($0.architecture) \($0.size / 1024)" }
        #expect(!expected.isEmpty)
        #expect(Set(found) == expected)
        #expect(found.count == expected.count)
    }
}

@Suite struct PythonSourceTests {
    @Test func readsMetadataOfBothDirectories() throws {
        let device = try TemporaryDirectory()
        let debian = "usr/lib/python3/dist-packages"
        try device.write(
            "\(debian)/six-1.16.0.dist-info/METADATA",
            "Metadata-Version: 2.1\r\nName: six\r\nVersion: 1.16.0\r\n\r\nName: text\r\n")
        try device.write("\(debian)/pip-23.dist-info/METADATA", "Name: pip\nVersion: 23\n")
        try device.write("\(debian)/half.dist-info/RECORD", "")
        try device.write("\(debian)/nameless.dist-info/METADATA", "Version: 1\n")
        try device.write("\(debian)/other/METADATA", "Name: other\nVersion: 1\n")
        try device.write("usr/local/lib/python3.11/dist-packages/pip-24.dist-info/METADATA", "Name: pip\nVersion: 24\n")
        #expect(
            try PythonSource(root: device.path).read() == [
                InstalledApplication(source: "python", name: "pip", version: "24"),
                InstalledApplication(source: "python", name: "six", version: "1.16.0"),
            ])
    }

    @Test func deviceWithoutPythonHasNoPackages() throws {
        #expect(try PythonSource(root: TemporaryDirectory().path).read().isEmpty)
    }
}

@Suite struct ControlParserTests {
    @Test(arguments: 1...40)
    func piecesOfAnyLengthGiveTheSame(length: Int) {
        let text = Array((package("a", "1") + "\n\n" + package("b", "2").dropLast(2)).utf8)
        var parser = ControlParser(fields: ["Package", "Version"])
        for start in stride(from: 0, to: text.count, by: length) {
            text[start..<min(start + length, text.count)].withUnsafeBytes { parser.bytesReceived($0) }
        }
        parser.endReceived()
        #expect(parser.takeParagraphs() == [["a", "1"], ["b", "2"]])
        #expect(parser.takeParagraphs().isEmpty)
    }

    @Test func randomBytesAreTaken() {
        var generator = Sequence64(value: 1)
        let alphabet = Array("Package: \n\r\t\0\u{FF}".utf8) + [0xff, 0x80]
        for _ in 0..<500 {
            var parser = ControlParser(fields: ["Package", "P"])
            for _ in 0..<4 {
                let bytes = (0..<Int.random(in: 0...60, using: &generator)).compactMap { _ in
                    alphabet.randomElement(using: &generator)
                }
                bytes.withUnsafeBytes { parser.bytesReceived($0) }
            }
            parser.endReceived()
            #expect(parser.takeParagraphs().allSatisfy { $0.count == 2 })
        }
    }

    @Test func longLinesAreCut() {
        var parser = ControlParser(fields: ["Version"])
        let piece = [UInt8](repeating: UInt8(ascii: "x"), count: 5000)
        Array("Version: ".utf8).withUnsafeBytes { parser.bytesReceived($0) }
        for _ in 0..<10 { piece.withUnsafeBytes { parser.bytesReceived($0) } }
        parser.endReceived()
        #expect(parser.takeParagraphs().first?[0]?.utf8.count == ControlParser.maximumLineBytes - "Version: ".utf8.count)
    }
}
