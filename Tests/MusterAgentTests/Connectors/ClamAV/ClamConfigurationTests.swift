import FoundationEssentials
import Glibc
import MusterModel
import Testing

@testable import MusterAgent

@Suite("clamd.conf and freshclam.conf")
struct ClamConfigurationTests {
    private static let text = """
        # Automatically generated\r
        LocalSocket /run/clamav/clamd.ctl

           MaxFileSize    25M \u{20}
        #MaxThreads 3
        MaxThreads 12
        ExcludePath ^/proc(/|$)
        ExcludePath "^/a b(/|$)"
        DetectPUA true
        """

    private func configuration(_ text: String = text) -> ClamConfiguration { ClamConfiguration(Array(text.utf8)) }

    private func text(_ configuration: ClamConfiguration) -> String { String(decoding: configuration.bytes, as: UTF8.self) }

    @Test func whatItSays() {
        let found = configuration()
        #expect(found.value("LocalSocket") == "/run/clamav/clamd.ctl")
        #expect(found.value("MaxFileSize") == "25M")
        #expect(found.values("ExcludePath") == ["^/proc(/|$)", "^/a b(/|$)"])
        #expect(found.isOn("DetectPUA") == true && found.isOn("MaxThreads") == nil)
        #expect(found.value("Nothing") == nil && found.value("maxthreads") == nil, "as clamd reads it")
    }

    @Test func itIsTheSameByteForByte() {
        #expect(text(configuration()) == Self.text)
        let bytes: [UInt8] = [0xff, 0x0a, 0x00, 0x0a, 0x0d, 0x0a, 0x41]
        var found = ClamConfiguration(bytes)
        #expect(found.bytes == bytes)
        found.set("MaxThreads", ["3"])
        #expect(found.bytes == bytes + Array("\nMaxThreads 3\n".utf8))
        found.set("MaxThreads", [])
        #expect(found.bytes == bytes + [0x0a])
    }

    @Test func aValueIsSetInItsPlace() {
        var found = configuration()
        found.set("MaxThreads", ["4"])
        found.set("ExcludePath", ["^/x(/|$)"])
        found.set("Added", ["yes"])
        let expected =
            Self.text.replacing("MaxThreads 12", with: "MaxThreads 4")
            .replacing("ExcludePath ^/proc(/|$)\nExcludePath \"^/a b(/|$)\"", with: "ExcludePath ^/x(/|$)") + "\nAdded yes\n"
        #expect(text(found) == expected)
    }

    @Test func nothingChangesWhereItSaysSoAlready() {
        var found = configuration()
        found.set("MaxFileSize", ["25M"])
        found.set("ExcludePath", ["^/proc(/|$)", "^/a b(/|$)"])
        #expect(text(found) == Self.text)
    }

    @Test(arguments: [
        (ClamAVKey.onAccessPaths, ManagedValue.list(["/home", "/srv/a b"])), (ClamAVKey.onAccessPaths, .list([])),
        (ClamAVKey.onAccessPrevention, .onOff(true)),
        (ClamAVKey.exclusions, .list(["/a.b/(c)[d]{e}*+?^$|\\f", "/", "/srv/x y"])),
        (ClamAVKey.maximumFileSize, .number(2000)), (ClamAVKey.maximumScanSize, .number(1)), (ClamAVKey.detectPUA, .onOff(false)),
        (ClamAVKey.maximumThreads, .number(7)), (ClamAVKey.updateChecks, .number(50)),
        (ClamAVKey.databaseURLs, .list(["file:///srv/a.hdb", "https://u:p@h:8/x?y=1#z"])), (ClamAVKey.privateMirrors, .list([])),
        (ClamAVKey.outdatedAfter, .duration(.hours(36))),
    ])
    func everySettingIsReadAsItWasSet(_ key: String, _ value: ManagedValue) throws {
        let directive = try #require(ClamDirective.all.first { $0.key == key })
        #expect(ApplicationManifest.clamAV[key]?.type.accepts(value) == true)
        var found = configuration()
        try directive.set(value, in: &found)
        #expect(directive.value(in: found) == value)
        #expect(directive.value(in: ClamConfiguration(found.bytes)) == value, "after a restart too")
    }

    @Test func everyKeyButTheUnitsHasItsDirective() {
        let keys = Set(ApplicationManifest.clamAV.settings.map(\.key))
        #expect(Set(ClamDirective.all.map(\.key)) == keys.subtracting([ClamAVKey.onAccess]))
    }

    @Test(arguments: [
        ("MaxFileSize 26214400", ClamAVKey.maximumFileSize, ManagedValue.number(25)),
        ("MaxFileSize 2048K", ClamAVKey.maximumFileSize, .number(2)),
        ("MaxFileSize 1500K", ClamAVKey.maximumFileSize, .text("1500K")), ("", ClamAVKey.maximumFileSize, .number(100)),
        ("MaxFileSize 99999999999999999999M", ClamAVKey.maximumFileSize, .text("99999999999999999999M")),
        ("ExcludePath ^/usr/(lib|bin)", ClamAVKey.exclusions, .list(["^/usr/(lib|bin)"])),
        ("ExcludePath ^/x\\(/|$)", ClamAVKey.exclusions, .list(["^/x\\(/|$)"])),
        ("OutdatedAfter soon", ClamAVKey.outdatedAfter, .text("soon")),
        ("DetectPUA perhaps", ClamAVKey.detectPUA, .text("perhaps")),
    ])
    func whatTheOwnerWroteIsReadInTheSettingsTerms(_ line: String, _ key: String, _ value: ManagedValue) throws {
        let directive = try #require(ClamDirective.all.first { $0.key == key })
        #expect(directive.value(in: configuration(line + "\n")) == value)
    }

    @Test(arguments: ["/a\"b", "/a "])
    func whatTheFileCannotSayIsRefused(_ path: String) throws {
        let directive = try #require(ClamDirective.all.first { $0.key == ClamAVKey.onAccessPaths })
        var found = configuration()
        #expect(throws: ConnectorError.self) { try directive.set(.list([path]), in: &found) }
    }
}

@Suite("Files of signatures")
struct SignatureDatabasesTests {
    private static let header = "ClamAV-VDB:25 Nov 2026 09-30 +0000:27500:2087654:90:0123:sig:builder:1795599000"

    @Test func aHeader() {
        let header = SignatureHeader(Array((Self.header + String(repeating: " ", count: 600)).utf8))
        #expect(header?.version == 27500 && header?.signatures == 2_087_654)
        #expect(header?.built == Timestamp(milliseconds: 1_795_599_000_000))
    }

    @Test(arguments: [
        "", "ClamAV-VDB", "ClamAV-VDB::::::::", "x" + header, "ClamAV-VDB:a:-1:2:3:4:5:6:7",
        "ClamAV-VDB:a:1:2:3:4:5:6:99999999999999",
        "ClamAV-VDB:a:9223372036854775807:2:3:4:5:6:7", "\u{0}\u{0}",
    ])
    func whatIsNoHeaderIsNone(_ text: String) { #expect(SignatureHeader(Array(text.utf8)) == nil) }

    @Test func theDailyDatabaseSaysHowOldTheyAre() throws {
        let temporary = try TemporaryDirectory()
        try temporary.write("main.cvd", "ClamAV-VDB:x:62:6000000:90:0123:sig:builder:1700000000")
        try temporary.write("daily.cld", Self.header)
        try temporary.write("other.hdb", "44d88612fea8a8f36de82e1278abb02f:68:X")
        try temporary.write("freshclam.dat", "no database")
        let found = SignatureDatabases(directory: temporary.path)
        #expect(found.version == 27500 && found.built == Timestamp(milliseconds: 1_795_599_000_000))
        #expect(found.signatures == 8_087_654)
    }

    @Test func databasesOfOnesOwnAreAsOldAsTheirFile() throws {
        let temporary = try TemporaryDirectory()
        #expect(SignatureDatabases(directory: temporary.path).built == nil)
        try temporary.write("README", "no database")
        #expect(SignatureDatabases(directory: temporary.path).built == nil)
        try temporary.write("own.hdb", "44d88612fea8a8f36de82e1278abb02f:68:X")
        let found = SignatureDatabases(directory: temporary.path)
        #expect(found.version == nil && found.built.map { .now() - $0 < .hours(1) } == true)
        #expect(SignatureDatabases(directory: "/nowhere/at/all") == SignatureDatabases())
    }
}
