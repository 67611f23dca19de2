import Testing

@testable import MusterModel

@Suite("What expressions are made of")
struct ExpressionPartTests {
    @Test("the path of a group")
    func paths() throws {
        let office = try #require(GroupPath("/Warsaw/Office"))
        #expect(office.names == ["Warsaw", "Office"] && "\(office)" == "/Warsaw/Office")
        #expect(GroupPath("/") == .root && "\(GroupPath.root)" == "/")
        for text in ["", "Warsaw", "//", "/Warsaw/", "/Warsaw//Office", "\\Warsaw"] { #expect(GroupPath(text) == nil, "\(text)") }
        #expect(GroupPath(names: ["a/b"]) == nil && GroupPath(names: [""]) == nil)
        let marked = try #require(GroupPath(names: ["\u{338}a", "b"]))
        #expect(GroupPath("\(marked)") == marked)
    }

    @Test("under is the group itself and all below it")
    func under() throws {
        let (warsaw, office) = (try #require(GroupPath("/Warsaw")), try #require(GroupPath("/Warsaw/Office")))
        #expect(office.isUnder(warsaw) && office.isUnder(office) && office.isUnder(.root) && GroupPath.root.isUnder(.root))
        #expect(!warsaw.isUnder(office) && !GroupPath.root.isUnder(warsaw))
        #expect(try !#require(GroupPath("/Warsaw2")).isUnder(warsaw))
    }

    @Test(
        "patterns",
        arguments: [
            ("", "", true), ("", "a", false), ("*", "", true), ("*", "abc", true), ("?", "", false), ("?", "é", true),
            ("a*c", "abbc", true),
            ("a*c", "abcd", false), ("*b*", "abc", true), ("**", "x", true), ("a?c", "ac", false), ("*ab*ab", "abxabab", true),
            ("*ab", "aab", true), ("a*b*c", "axbxbxc", true), ("a*b*c", "axcxb", false), ("*?", "", false), ("?*?", "ab", true),
            ("ABC", "abc", true), ("É", "é", false), ("a\\*", "a\\x", true),
        ])
    func patterns(_ pattern: String, _ text: String, _ matches: Bool) {
        #expect(TextPattern(pattern).matches(text) == matches)
    }

    @Test(
        "addresses within networks",
        arguments: [
            ("10.0.0.0/8", "10.255.0.1", true), ("10.0.0.0/8", "11.0.0.1", false), ("10.1.2.3/9", "10.127.0.0", true),
            ("10.1.2.3/9", "10.128.0.0", false), ("10.0.0.0/0", "255.1.1.1", true), ("10.1.2.3/32", "10.1.2.3", true),
            ("10.1.2.2/31", "10.1.2.3", true), ("10.1.2.3", "10.1.2.2", false), ("10.0.0.0/0", "::1", false),
            ("::/0", "10.1.2.3", false), ("2001:db8::/32", "2001:db8:ffff::1", true), ("2001:db8::/32", "2001:db9::1", false),
            ("2001:db8::/33", "2001:db8:8000::", false), ("::1", "0:0:0:0:0:0:0:1", true), ("fe80::/10", "fe80::1%eth0", true),
            ("::ffff:10.0.0.0/104", "10.9.9.9", true), ("10.0.0.0/8", "::ffff:10.1.1.1", true),
            ("1:2:3:4:5:6:7:8/128", "1:2:3:4:5:6:7:8", true),
            ("1:2:3:4:5:6:7::", "1:2:3:4:5:6:7:0", true), ("10.0.0.0/8", "pc1", false), ("10.0.0.0/8", "", false),
        ])
    func networks(_ network: String, _ address: String, _ isWithin: Bool) throws {
        #expect(try #require(AddressNetwork(network)).contains(address) == isWithin)
    }

    @Test(
        "what is no network",
        arguments: [
            "", "/", "10.0.0.0/", "/8", "10.0.0.0/33", "::/129", "10.0.0.0/-1", "10.0.0.0/+8", "10.0.0.0/8/8", "10.0.0.0/٨",
            "pc1/8", "10.0.0.0/0008",
        ])
    func noNetworks(_ text: String) {
        #expect(AddressNetwork(text) == nil)
    }

    @Test("the bytes of addresses")
    func bytes() {
        #expect(InternetAddress.bytes("192.0.2.1") == [192, 0, 2, 1])
        #expect(InternetAddress.bytes("::") == [UInt8](repeating: 0, count: 16))
        #expect(InternetAddress.bytes("2001:db8::a:1.2.3.4") == [0x20, 1, 0xd, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0xa, 1, 2, 3, 4])
        #expect(InternetAddress.bytes("1:2:3:4:5:6:7:ffff") == [0, 1, 0, 2, 0, 3, 0, 4, 0, 5, 0, 6, 0, 7, 0xff, 0xff])
        #expect(InternetAddress.bytes("1::2::3") == nil && InternetAddress.bytes("fe80::1%eth0") == nil)
    }

    @Test("an application is compared by the rules of its source")
    func installed() {
        func holds(_ operator: VersionComparison.Operator, _ version: String, _ source: String = "dpkg") -> Bool {
            InstalledCondition(name: "a", comparison: VersionComparison(`operator`, version))
                .holds(for: InstalledApplication(source: source, name: "a", version: "1.0rc1"))
        }
        #expect(holds(.greater, "1.0") && holds(.less, "1.0", "python") && holds(.greater, "1.0", "other"))
        #expect(holds(.equal, "1.0rc1-0") && holds(.lessOrEqual, "1.0rc1") && holds(.greaterOrEqual, "1.0rc1"))
        #expect(!holds(.less, "1.0rc1") && !holds(.greater, "1.0rc1") && !holds(.equal, "1.0"))
        #expect(InstalledCondition(name: "a").holds(for: InstalledApplication(source: "dpkg", name: "a", version: "")))
        #expect(!InstalledCondition(name: "a").holds(for: InstalledApplication(source: "dpkg", name: "A", version: "")))
    }

    @Test(
        "the word that was meant",
        arguments: [
            ("statsu", "status"), ("STATUS", "status"), ("stat", "status"), ("stone", nil), ("sttaus", "status"), ("tags", "tag"),
            ("hostname", "host-name"), ("x", nil),
            ("", nil), (String(repeating: "status", count: 10_000), nil),
        ] as [(String, String?)])
    func nearest(_ text: String, _ word: String?) {
        #expect(NearestWord.find(text, in: ["status", "host-name", "tag"]) == word)
    }
}
