import MusterModel
import MusterTestKit
import Testing

@Suite("Manifests of others")
struct ExternalManifestTests {
    private static let whole = """
        {"id": "web", "version": "1.0", "title": "Web server", "more": "passed over", "settings": [
            {"key": "on", "type": "switch", "title": "On", "default": true},
            {"key": "port", "type": "number", "minimum": 1, "maximum": 65535, "title": "Port", "default": 80},
            {"key": "wait", "type": "duration", "minimum": 1, "maximum": 60, "title": "Wait", "help": "So long.", "default": 15},
            {"key": "mode", "type": "choice", "choices": ["fast", "safe"], "title": "Mode", "default": "safe"},
            {"key": "parts", "type": "choices", "choices": ["a", "b"], "title": "Parts"},
            {"key": "root", "type": "text", "format": "path", "title": "Root"},
            {"key": "units", "type": "list", "format": "unit", "maximum": 4, "title": "Units", "default": []},
            {"key": "password", "type": "secret", "title": "Password"}]}
        """

    private func read(_ text: String) -> Result<ExternalManifest, ManifestFault> {
        Result { () throws(ManifestFault) in try ExternalManifest(json: Array(text.utf8)) }
    }

    private func fault(_ text: String) -> String? { if case .failure(let fault) = read(text) { fault.text } else { nil } }

    private func settings(_ setting: String) -> String {
        #"{"id": "web", "version": "1", "title": "Web", "settings": [\#(setting)]}"#
    }

    @Test func everyTypeIsRead() throws {
        let external = try read(Self.whole).get()
        #expect(external.version == "1.0")
        let manifest = external.manifest
        #expect((manifest.id.description, manifest.title) == ("web", "Web server"))
        #expect(
            manifest.settings.map(\.type) == [
                .onOff, .number(1...65535), .duration(.seconds(1)...(.seconds(60))), .choice(["fast", "safe"]),
                .choices(["a", "b"]),
                .text(.path), .list(.unit, maximum: 4), .secret,
            ])
        #expect(
            manifest.settings.map(\.standard) == [
                .onOff(true), .number(80), .duration(.seconds(15)), .text("safe"), nil, nil, .list([]), nil,
            ])
        #expect(manifest["wait"]?.help == "So long.")
    }

    @Test func itsBytesAreTheSameHoweverItIsWritten() throws {
        let value = try JSONValue(json: Array(Self.whole.utf8))
        let said = try ExternalManifest(value)
        #expect(try ExternalManifest(json: said.bytes) == said)
    }

    @Test(arguments: [
        ("{}", "'id'"), (#"{"id": "Web"}"#, "'id'"), (#"{"id": "apt", "version": "1"}"#, "built-in"),
        (#"{"id": "web"}"#, "'version'"),
        (#"{"id": "web", "version": "1 0"}"#, "'version'"), (#"{"id": "web", "version": "1"}"#, "'title'"),
        (#"{"id": "web", "version": "1", "title": "a\nb"}"#, "'title'"),
        (#"{"id": "web", "version": "1", "title": "Web"}"#, "'settings'"),
        (#"{"id": "web", "version": "1", "title": "Web", "settings": [], "tasks": {}}"#, "'tasks'"), ("[]", "'id'"),
        ("no", "not JSON"),
    ])
    func whatIsNoneIsRefusedWithTheReason(_ text: String, _ reason: String) {
        #expect(fault(text)?.contains(reason) == true, "\(fault(text) ?? "taken")")
    }

    @Test(arguments: [
        (#"1"#, "'key'"), (#"{"key": "a b"}"#, "'key'"), (#"{"key": "a", "title": "A"}"#, "'type'"),
        (#"{"key": "a", "type": "pattern", "title": "A"}"#, "'type'"), (#"{"key": "a", "type": "switch"}"#, "'title'"),
        (#"{"key": "a", "type": "switch", "title": "A", "help": 1}"#, "'help'"),
        (#"{"key": "a", "type": "switch", "title": "A", "default": 1}"#, "'default'"),
        (#"{"key": "a", "type": "number", "title": "A", "minimum": 2, "maximum": 1}"#, "'minimum'"),
        (#"{"key": "a", "type": "number", "title": "A", "maximum": 1}"#, "'minimum'"),
        (#"{"key": "a", "type": "duration", "title": "A", "minimum": -1, "maximum": 1}"#, "'minimum'"),
        (#"{"key": "a", "type": "duration", "title": "A", "minimum": 0, "maximum": 315360001}"#, "'minimum'"),
        (#"{"key": "a", "type": "number", "title": "A", "minimum": 1, "maximum": 2, "default": 3}"#, "'default'"),
        (#"{"key": "a", "type": "choice", "title": "A", "choices": []}"#, "'choices'"),
        (#"{"key": "a", "type": "choice", "title": "A", "choices": ["x", "x"]}"#, "'choices'"),
        (#"{"key": "a", "type": "choice", "title": "A", "choices": ["x,y"]}"#, "'choices'"),
        (#"{"key": "a", "type": "text", "title": "A", "format": "^.*$"}"#, "'format'"),
        (#"{"key": "a", "type": "list", "title": "A", "format": "line", "maximum": 257}"#, "'maximum'"),
        (#"{"key": "a", "type": "secret", "title": "A", "default": "x"}"#, "'default'"),
        (#"{"key": "a", "type": "switch", "title": "A"}, {"key": "a", "type": "switch", "title": "A"}"#, "twice"),
    ])
    func aSettingThatIsNoneIsRefusedWithTheReason(_ setting: String, _ reason: String) {
        let found = fault(settings(setting))
        #expect(found?.contains(reason) == true, "\(found ?? "taken")")
    }

    @Test func limitsAreHeldAtAndPast() throws {
        func many(_ count: Int) -> String {
            settings((0..<count).map { #"{"key": "k\#($0)", "type": "switch", "title": "A"}"# }.joined(separator: ","))
        }
        _ = try read(many(100)).get()
        #expect(fault(many(101))?.contains("at most 100") == true)
        let filling = ExternalManifest.maximumBytes - settings("").utf8.count - #", "more": """#.utf8.count
        func long(_ bytes: Int) -> String {
            settings("").dropLast() + #", "more": "\#(String(repeating: "a", count: bytes))"}"#
        }
        _ = try read(long(filling)).get()
        #expect(fault(long(filling + 1))?.contains("65536 bytes") == true)
    }

    @Test func theLimitsOnThePageAreThose() throws {
        let page = try MarkdownFile("docs/connectors.md")
        let formats = page.rows(under: "Values").filter { $0.count == 2 }.compactMap(\.[0].code)
        #expect(formats == SettingFormat.allCases.filter { $0 != .script }.map(\.rawValue))
        #expect(page.rows(under: "Lines").contains(["levels of `[` and `{` in a line", String(JSONValue.maximumDepth)]))
    }

    // MARK: The catalogue

    @Test func whatIsSetAnewGoesByTheManifestAcceptedLastAndADeviceByItsOwn() throws {
        let old = try read(settings(#"{"key": "a", "type": "switch", "title": "A"}"#)).get().manifest
        let new = try read(settings(#"{"key": "b", "type": "switch", "title": "B"}"#)).get().manifest
        let digests = [Digest(truncating: [1]), Digest(truncating: [2]), Digest(truncating: [3])]
        let catalogue = ApplicationCatalogue(accepted: [
            .init(digest: digests[0], manifest: old), .init(digest: digests[1], manifest: new),
        ])
        #expect(catalogue.manifest(new.id) == new)
        #expect(catalogue.manifest(ManifestKey(new.id, digest: digests[0])) == old)
        #expect(catalogue.manifest(ManifestKey(new.id, digest: digests[2])) == nil)
        #expect(catalogue.manifest(ManifestKey(new.id)) == nil)
        #expect(catalogue.manifests == ApplicationManifest.builtIn + [new])
        #expect(catalogue.versions.count == ApplicationManifest.builtIn.count + 2)
        #expect(ApplicationCatalogue().manifest(new.id) == nil)
    }

    @Test func aBuiltInApplicationIsNobodyElses() {
        let impostor = ApplicationManifest(id: .apt, title: "APT", settings: [])
        let catalogue = ApplicationCatalogue(accepted: [.init(digest: Digest(truncating: [1]), manifest: impostor)])
        #expect(catalogue.manifest(.apt) == .apt)
        #expect(catalogue.versions.count == ApplicationManifest.builtIn.count)
    }

    private func tasks(_ task: String) -> String {
        #"{"id": "web", "version": "1", "title": "Web", "settings": [], "tasks": [\#(task)]}"#
    }

    @Test func tasksAreReadAndLimitedUnlessTheySayOtherwise() throws {
        let look = #"{"type": "look", "title": "Look", "help": "Around.", "limited": false, "more": 1}"#
        let move = """
            {"type": "move", "title": "Move", "settings": [
             {"key": "where", "type": "text", "format": "path", "title": "Where", "required": true},
             {"key": "gently", "type": "switch", "title": "Gently", "default": false, "required": false}]}
            """
        let manifest = try read(tasks("\(look), \(move)")).get().manifest
        #expect(manifest.tasks.map(\.type) == ["look", "move"])
        #expect(manifest.tasks.map(\.isLimitedByReach) == [false, true])
        #expect(manifest.task("look")?.help == "Around." && manifest.task("look")?.settings == [])
        #expect(manifest.task("move")?.required == ["where"])
        #expect(manifest.task("move")?.settings.map(\.type) == [.text(.path), .onOff])
    }

    @Test(arguments: [
        (#"{"type": "Look", "title": "Look"}"#, "the 'type' of a task"), (#"{"type": "look"}"#, "the 'title' of 'look'"),
        (#"{"type": "look", "title": "Look", "limited": 1}"#, "'limited' of 'look'"),
        (#"{"type": "look", "title": "Look", "settings": {}}"#, "the 'settings' of 'look'"),
        (#"{"type": "look", "title": "Look"}, {"type": "look", "title": "Again"}"#, "the task 'look' twice"),
        (
            #"{"type": "look", "title": "L", "settings": [{"key": "a", "type": "switch", "title": "A", "required": "yes"}]}"#,
            "'required' of 'a'"
        ),
        (
            #"{"type": "look", "title": "L", "settings": [{"key": "a", "type": "switch", "title": "A"}, {"key": "a", "type": "switch", "title": "A"}]}"#,
            "'look' has the setting 'a' twice"
        ),
    ])
    func aTaskThatIsNoneIsRefusedByItsName(_ task: String, _ reason: String) {
        #expect(fault(tasks(task))?.contains(reason) == true, "\(fault(tasks(task)) ?? "")")
    }

    @Test func tasksAndTheirSettingsAreBounded() {
        func many(_ count: Int, _ each: (Int) -> String) -> String { (0..<count).map(each).joined(separator: ",") }
        #expect(fault(tasks(many(16) { #"{"type": "t\#($0)", "title": "T"}"# })) == nil)
        #expect(fault(tasks(many(17) { #"{"type": "t\#($0)", "title": "T"}"# })) != nil)
        func settings(_ count: Int) -> String {
            let settings = many(count) { #"{"key": "k\#($0)", "type": "switch", "title": "K"}"# }
            return tasks(#"{"type": "t", "title": "T", "settings": [\#(settings)]}"#)
        }
        #expect(fault(settings(32)) == nil)
        #expect(fault(settings(33)) != nil)
    }
}
