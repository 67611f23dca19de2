import MusterAPI
import MusterModel
import Testing

@testable import muster

/// The command's values: addresses, configuration, the event stream, tables.
struct ClientValueTests {
    @Test(arguments: [
        ("host", "host", 13299), ("host:1", "host", 1), ("https://host:65535/", "host", 65535),
        ("[2001:db8::1]:443", "2001:db8::1", 443),
        ("2001:db8::1", "2001:db8::1", 13299), ("[::1]", "::1", 13299), ("192.0.2.1:8443", "192.0.2.1", 8443),
    ])
    func addresses(_ text: String, _ host: String, _ port: Int) throws {
        let address = try #require(APIAddress(text))
        #expect(address.host == host && address.port == port)
        #expect(APIAddress(address.description) == address)
    }

    @Test(arguments: [
        "", ":1", "host:0", "host:65536", "host:x", "host:+1", "[::1", "[::1]x", "http://host", "a b", "user@host", "host/path",
        "h\u{0}st",
    ])
    func wrongAddresses(_ text: String) { #expect(APIAddress(text) == nil) }

    @Test func optionsGoBeforeEnvironmentBeforeFile() throws {
        let option = ClientConfiguration.Texts(server: "a")
        let environment = ClientConfiguration.Texts(environment: [
            "MUSTER_SERVER": "b", "MUSTER_PIN": "", "MUSTER_TOKEN_FILE": "t",
        ])
        let file = ClientConfiguration.Texts(server: "c", tokenFile: "u", pin: "p")
        #expect(option.orElse(environment).orElse(file) == .init(server: "a", tokenFile: "t", pin: "p"))
    }

    @Test func leadingGlobalOptionsMoveBehind() {
        #expect(
            GlobalOptions.movedBehind(["--server", "h", "--output=json", "devices", "list"]) == [
                "devices", "list", "--server", "h", "--output=json",
            ])
        #expect(
            GlobalOptions.movedBehind(["--pin", "p", "devices", "show", "--", "-x"]) == [
                "devices", "show", "--pin", "p", "--", "-x",
            ])
        #expect(GlobalOptions.movedBehind(["--server"]) == ["--server"])
        #expect(GlobalOptions.movedBehind([]) == [])
    }

    @Test func eventStreamByteByByteAndWhole() throws {
        let text =
            "retry: 1000\n: hello\n\nid: 1\nevent: event\ndata: a\ndata: b\n\nid: 2\r\ndata: c\r\n\r\nid: 9\n: heartbeat\n\ndata:d\n\nid: 10\n"
        let expected: [EventStreamParser.Event] = [
            .init(id: "1", type: "event", data: "a\nb"), .init(id: "2", type: "message", data: "c"),
            .init(id: "9", type: "message", data: "d"),
        ]
        var whole = EventStreamParser()
        #expect(try whole.received(Array(text.utf8)) == expected)
        #expect(whole.lastID == "10")
        var bytewise = EventStreamParser()
        #expect(try text.utf8.flatMap { try bytewise.received([$0]) } == expected)
    }

    @Test func eventStreamLinesAreBounded() throws {
        var parser = EventStreamParser()
        _ = try parser.received(Array(repeating: UInt8(ascii: "x"), count: EventStreamParser.maximumLine))
        #expect(throws: EventStreamParser.LineTooLong.self) { _ = try parser.received([UInt8(ascii: "x")]) }
    }

    @Test func hostileTextIsEscaped() {
        #expect(TerminalText.escaped("plain Zażółć 漢字") == "plain Zażółć 漢字")
        #expect(TerminalText.escaped("a\u{1b}]0;x\u{7}b") == "a\\u{1b}]0;x\\u{7}b")
        #expect(TerminalText.escaped("a\nb\r\tc") == "a\\nb\\r\\tc")
        #expect(TerminalText.escaped("\u{202e}gpj.exe\u{9b}") == "\\u{202e}gpj.exe\\u{9b}")
        #expect(TerminalText.escaped("a\u{200b}b\u{feff}") == "a\\u{200b}b\\u{feff}")
    }

    @Test func tablesAlignAndKeepTheirWidths() {
        var table = Table([.init(title: "NAME"), .init(title: "N", right: true), .init(title: "T")])
        #expect(table.lines([["a", "1", "x"], ["long", "100", "y\n"]]) == ["NAME    N  T", "a       1  x", "long  100  y\\n"])
        #expect(table.lines([["b", "2", ""]]) == ["b       2"])
    }

    @Test func queries() {
        #expect(InstalledQuery(text: "openssl < 3.0.17") == .init(name: "openssl", comparison: .less, version: "3.0.17"))
        #expect(
            InstalledQuery(text: "libc6>=2.36-9+deb12u4")
                == .init(name: "libc6", comparison: .greaterOrEqual, version: "2.36-9+deb12u4"))
        #expect(InstalledQuery(text: " bash ") == .init(name: "bash"))
        #expect(InstalledQuery(text: "a==1:2~rc1")?.comparison == .equal)
        for text in ["", " ", "<", "a <", "< 1", "a <> 1", "a < 1 2", "a b", "a <<1"] {
            #expect(InstalledQuery(text: text) == nil, "\(text)")
        }
    }

    @Test func sizesAndTimes() {
        #expect(
            Shown.size(nil) == "-" && Shown.size(1023) == "1023 B" && Shown.size(1536) == "1.5 KiB"
                && Shown.size(.max) == "16.0 EiB")
        #expect(Shown.time(Timestamp(milliseconds: 1_764_000_000_123)) == "2025-11-24 16:00:00Z")
    }

    @Test func deviceReferences() throws {
        let server = try #require(APIAddress("h"))
        func entry(_ id: String, _ name: String) throws -> DeviceEntry {
            DeviceEntry(
                id: try #require(DeviceID(id)), name: name, revision: 1, created: .init(milliseconds: 0),
                connectionState: .init(.init(.neverConnected, since: .init(milliseconds: 0))))
        }
        let devices = [
            try entry("aaaa1111-0000-4000-8000-000000000001", "one"), try entry("aaaa2222-0000-4000-8000-000000000002", "two"),
            try entry("bbbb1111-0000-4000-8000-000000000003", "aaaa1"),
        ]
        func decided(_ text: String) throws -> DeviceID {
            var reference = Reference<DeviceEntry>(text)
            for device in devices { reference.considered([device]) }
            return try reference.decided(server: server).id
        }
        #expect(try decided("one") == devices[0].id)
        #expect(try decided("aaaa2") == devices[1].id)
        #expect(try decided("AAAA2222") == devices[1].id)
        #expect(try decided("aaaa1") == devices[2].id, "a name goes before the beginning of an id")
        #expect(throws: CommandError.self) { try decided("aaaa") }
        #expect(throws: CommandError.self) { try decided("bbb") }
        #expect(Reference<DeviceEntry>(devices[0].id.description).id == devices[0].id)
    }
}
