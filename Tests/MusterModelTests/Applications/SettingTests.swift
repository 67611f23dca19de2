import FoundationEssentials
import MusterModel
import Testing

@Suite("Settings of managed applications")
struct SettingTests {
    private let agent = ApplicationManifest.networkAgent

    private func value(_ text: String, _ key: String) -> ManagedValue? {
        try? agent.value(of: text, for: key, seal: { SecretValue(bytes: Array($0.utf8.reversed())) })
    }

    @Test func aTextBecomesAValueOfTheSettingsType() {
        #expect(value("5m", NetworkAgentKey.syncInterval) == .duration(.minutes(5)))
        #expect(value("off", NetworkAgentKey.firewall) == .onOff(false))
        #expect(value("yes", NetworkAgentKey.firewall) == .onOff(true))
        #expect(value("15001", NetworkAgentKey.requestPort) == .number(15_001))
        #expect(
            value("a.example.com, b.example.com:13001", NetworkAgentKey.serverAddresses)
                == .list(["a.example.com", "b.example.com:13001"]))
        #expect(value("", NetworkAgentKey.serverAddresses) == .list([]))
        #expect(value("dpkg", NetworkAgentKey.inventorySources) == .list(["dpkg"]))
        #expect(value("http://me@proxy:3128", NetworkAgentKey.proxy) == .text("http://me@proxy:3128"))
        #expect(value("abc", NetworkAgentKey.proxyPassword) == .secret(SecretValue(bytes: Array("cba".utf8))))
    }

    @Test func aListMayBeAJSONArray() {
        let arguments = SettingType.list(.argument, maximum: 8)
        #expect(arguments.value(of: #"["a,b", "", " c ", "\"d\""]"#) == .list(["a,b", "", " c ", "\"d\""]))
        #expect(arguments.value(of: "[]") == .list([]))
        // None of texts alone is a list with commas, as ever.
        #expect(arguments.value(of: "[1,2]") == .list(["[1", "2]"]) && arguments.value(of: "[x") == .list(["[x"]))
        #expect(value("[::1]:13000,[::2]", NetworkAgentKey.serverAddresses) == .list(["[::1]:13000", "[::2]"]))
        #expect(arguments.value(of: #"["a\u0000b"]"#) == nil)
        #expect(arguments.value(of: String(repeating: "[", count: 250_000)) == nil, "it is no array, and its depth is harmless")
    }

    @Test func whatIsWrongWithATextIsSaid() {
        #expect(SettingType.text(.script).trouble(with: "true\0") == "A text with a NUL byte, its byte 5,")
        #expect(SettingType.text(.script).trouble(with: String(repeating: "é", count: 40_000)) == "A text of 80000 bytes")
        #expect(SettingType.text(.line).trouble(with: String(repeating: "a", count: 1025)) == "A text of 1025 bytes")
        #expect(SettingType.text(.script).trouble(with: "") == "An empty text")
        #expect(SettingType.text(.unit).trouble(with: "x") == nil && SettingType.onOff.trouble(with: "x") == nil)
    }

    @Test(arguments: [
        (NetworkAgentKey.syncInterval, "5"), (NetworkAgentKey.syncInterval, "59s"), (NetworkAgentKey.syncInterval, "25h"),
        (NetworkAgentKey.firewall, "maybe"), (NetworkAgentKey.requestPort, "1023"), (NetworkAgentKey.requestPort, "65536"),
        (NetworkAgentKey.requestPort, "x"), (NetworkAgentKey.serverAddresses, "a b"), (NetworkAgentKey.serverAddresses, "a,a"),
        (NetworkAgentKey.inventorySources, "rpm"), (NetworkAgentKey.proxy, "http://me:secret@proxy:3128"),
        (NetworkAgentKey.proxy, "ftp://proxy"), (NetworkAgentKey.proxyPassword, ""),
        (NetworkAgentKey.proxyPassword, String(repeating: "a", count: 1025)), ("interval", "5m"),
    ])
    func whatASettingDoesNotTakeIsRefusedWithWhatItWould(_ key: String, _ text: String) throws {
        let fault = #expect(throws: SettingFault.self) {
            try agent.value(of: text, for: key, seal: { SecretValue(bytes: Array($0.utf8)) })
        }
        #expect(fault?.key == key)
        #expect(fault?.allowed.isEmpty == false)
        if key == NetworkAgentKey.syncInterval { #expect(fault?.allowed == "1m…1d") }
    }

    @Test func aSecretIsNotInWhatARefusalSays() throws {
        let secret = String(repeating: "geheim", count: 200)
        let fault = #expect(throws: SettingFault.self) {
            try agent.value(of: secret, for: NetworkAgentKey.proxyPassword, seal: { SecretValue(bytes: Array($0.utf8)) })
        }
        #expect(fault?.text.contains("geheim") == false)
        #expect("\(ManagedValue.secret(SecretValue(bytes: [1])))" == "••••")
        #expect(String(reflecting: SecretValue(bytes: [1, 2, 3])) == "••••")
    }

    @Test(arguments: [
        ("ssh.service", true), ("getty@tty1.service", true), ("dev-sda1.swap", true), ("ssh", false), (".service", false),
        ("a b.service", false), ("../x.service", false), ("-H.service", false), ("x.servic", false),
    ])
    func aUnitHasANameAndAType(_ name: String, _ isUnit: Bool) { #expect(SettingFormat.unit.accepts(name) == isUnit) }

    /// What apt would read as an option, a file, a pattern, or as the opposite of what was ordered, is none.
    @Test(arguments: [
        ("openssl", true), ("g++", true), ("libc6:i386", true), ("nginx=1.22.1-9+deb12u1", true), ("a2=1:2.0~rc1", true),
        ("libstdc++6:amd64=12.2.0-14", true), ("", false), ("a", false), ("-y", false), ("--purge", false), ("apt-", false),
        ("./a.deb", false), ("a/stable", false), ("a^", false), ("a*", false), ("^a", false), ("a b", false), ("Openssl", false),
        ("a2=", false), ("a2=1-", false), ("a2=1+", false), ("a2:", false), ("a2:amd64-", false), ("a2=1=2", false),
        ("a2\n", false), ("ą2", false),
    ])
    func aPackageHasANameThatAptReadsAsOne(_ name: String, _ isPackage: Bool) {
        #expect(SettingFormat.package.accepts(name) == isPackage)
        if isPackage { #expect(PackageName(name)?.description == name) }
    }

    @Test(arguments: [
        ("Debian-Security", true), ("Ubuntu:noble-security", true), ("My own mirror:stable", true), ("a:b/updates", true),
        ("", false), (":stable", false), ("a:", false), ("a\"; x", false), ("a,b", false), ("${x}", false), ("a:b c", false),
    ])
    func anOriginSaysNothingElseInAptsConfiguration(_ text: String, _ isOrigin: Bool) {
        #expect(SettingFormat.packageOrigin.accepts(text) == isOrigin)
    }

    @Test(arguments: [
        ("0", true), ("2", true), ("255", true), ("256", false), ("-1", false), ("+1", false), ("02", false), ("", false),
        ("2 ", false), ("0x2", false), ("٢", false), ("99999999999999999999", false),
    ])
    func anExitCodeIsWrittenInOneWay(_ text: String, _ isCode: Bool) { #expect(SettingFormat.exitCode.accepts(text) == isCode) }

    @Test func argumentsMayRepeatAndBeEmpty() {
        let arguments = SettingType.list(.argument, maximum: 4)
        #expect(arguments.accepts(.list(["-v", "-v", "", "a\nb"])))
        #expect(!arguments.accepts(.list(["a\0"])) && !arguments.accepts(.list(["1", "2", "3", "4", "5"])))
    }

    @Test(arguments: ApplicationManifest.builtIn.flatMap { manifest in manifest.tasks.map { (manifest, $0) } })
    func typesOfTasksAreWhole(_ manifest: ApplicationManifest, _ task: TaskTypeDeclaration) {
        #expect(ApplicationID(task.type) != nil && manifest.tasks.count { $0.type == task.type } == 1)
        #expect(!task.title.isEmpty && task.help.hasSuffix("."))
        #expect(Set(task.settings.map(\.key)).count == task.settings.count)
        for setting in task.settings {
            #expect(ApplicationID(setting.key) != nil && !setting.title.isEmpty && setting.help.hasSuffix("."))
            if let standard = setting.standard { #expect(setting.type.accepts(standard)) }
        }
        #expect(task.required.isSubset(of: task.settings.map(\.key)))
    }

    @Test(arguments: [
        ("https://mirror.example/clamav", true), ("http://a", true), ("file:///srv/own.hdb", true),
        ("https://u:p@h:8/x?y=1#z", true),
        ("ftp://a", false), ("https://", false), ("https:///a", false), ("file:////a", false), ("file://srv/a", false),
        ("https://a b", false), ("https://a\"b", false), ("https://żółw.pl", false), ("mirror.example", false),
    ])
    func aURLIsOneWordWithAScheme(_ text: String, _ isURL: Bool) { #expect(SettingFormat.url.accepts(text) == isURL) }

    @Test(arguments: ApplicationManifest.builtIn)
    func manifestsAreWhole(_ manifest: ApplicationManifest) {
        let keys = manifest.settings.map(\.key)
        #expect(Set(keys).count == keys.count)
        for declaration in manifest.settings {
            #expect(ApplicationID(declaration.key) != nil, "a key is written as an application's id")
            #expect(!declaration.title.isEmpty && declaration.help.hasSuffix("."))
            if let standard = declaration.standard { #expect(declaration.type.accepts(standard)) }
        }
        #expect(ApplicationManifest.builtIn(manifest.id) == manifest)
    }

    @Test(arguments: [
        ManagedValue.onOff(true), .onOff(false), .number(0), .number(1), .number(.min), .duration(.minutes(15)), .text(""),
        .text("true"),
        .text("5"), .list([]), .list(["a", "b"]), .secret(SecretValue(bytes: [0, 255])),
    ])
    func aValueIsTheSameAfterJSON(_ value: ManagedValue) throws {
        let content = PolicyContent(
            settings: ["k": ManagedSetting(value, isLocked: true)],
            profiles: [PolicyProfile(name: "n", condition: "tag = a", settings: ["k": ManagedSetting(value)])])
        #expect(try JSONDecoder().decode(PolicyContent.self, from: JSONEncoder().encode(content)) == content)
    }

    @Test(arguments: ["", "A", "1a", "-a", "a_b", "a b", String(repeating: "a", count: 41)])
    func whatIsNoApplicationsIdIsRefused(_ text: String) { #expect(ApplicationID(text) == nil) }
}
