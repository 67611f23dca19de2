import Foundation
import MusterModel
import MusterTestKit
import Testing

/// Version keys against the rules they stand for.
@Suite struct VersionOrderTests {
    /// Thousands of pairs, most of them close to each other, compared by dpkg itself (Debian's libdpkg, through its Perl library, or by
    /// the program).
    @Test func debianOrderIsDpkgs() throws {
        var generator = SystemRandomNumberGenerator()
        var pairs = Self.difficult.flatMap { left in Self.difficult.map { (left, $0) } }
        for _ in 0..<1400 {
            let version = Self.randomVersion(using: &generator)
            pairs.append((version, Self.changed(version, using: &generator)))
        }
        let answers = try Self.askDpkg(pairs)
        try #require(answers.count == pairs.count)
        for (pair, answer) in zip(pairs, answers) {
            let (left, right) = (DebianVersion(pair.0), DebianVersion(pair.1))
            let found = left < right ? "<" : (left == right ? "=" : ">")
            #expect(found == answer, "\(pair.0) and \(pair.1)")
        }
    }

    private static let difficult = [
        "0", "1", "1.0", "1.0-0", "1.0-1", "01.0", "1.00", "1.", "1.a", "1.~", "1~", "1~~", "1~~a", "1~a", "1a", "1+", "1+b1",
        "1-1~deb12u1",
        "1-1+deb12u1", "1-1.1", "0:1", "1:0", "10:0", "2:0~", "1.0-a", "1.0a-1", "1.0-1-1", "9", "10", "9a", "9Z",
        "99999999999999999999",
        "1.2.3~rc1+dfsg-4ubuntu5.6",
    ]

    /// dpkg wants upstream versions to begin with a digit.
    private static func randomVersion(using generator: inout some RandomNumberGenerator) -> String {
        let alphabet = Array("0019aZ.+~")
        func word(_ range: ClosedRange<Int>) -> String {
            String((0..<Int.random(in: range, using: &generator)).compactMap { _ in alphabet.randomElement(using: &generator) })
        }
        var text = "1" + word(0...8)
        if Bool.random(using: &generator) { text = "\(Int.random(in: 0...11, using: &generator)):\(text)" }
        if Bool.random(using: &generator) { text += "-" + "0" + word(0...4) }
        return text
    }

    private static func changed(_ version: String, using generator: inout some RandomNumberGenerator) -> String {
        guard Int.random(in: 0...3, using: &generator) > 0 else { return randomVersion(using: &generator) }
        var characters = Array(version)
        let place = Int.random(in: 0...characters.count, using: &generator)
        let start = (characters.firstIndex(of: ":") ?? -1) + 2
        guard place >= start, let new = "01aZ.+~".randomElement(using: &generator) else { return version + "0" }
        characters.insert(new, at: place)
        return String(characters)
    }

    private static func askDpkg(_ pairs: [(String, String)]) throws -> [String] {
        let directory = try TemporaryDirectory()
        let input = directory.file("pairs")
        try pairs.map { "\($0.0) \($0.1)\n" }.joined().write(toFile: input, atomically: false, encoding: .utf8)
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/bin/sh")
        process.arguments = [
            "-c",
            """
            while read -r a b; do
                if dpkg --compare-versions "$a" lt "$b"; then echo '<'
                elif dpkg --compare-versions "$a" eq "$b"; then echo '='; else echo '>'; fi
            done <"$0" >"$0.answers" 2>/dev/null
            """, input,
        ]
        try process.run()
        process.waitUntilExit()
        return try String(contentsOfFile: input + ".answers", encoding: .utf8).split(separator: "\n").map(String.init)
    }

    @Test func pythonOrderIsThatOfPEP440() {
        let rising = [
            "not a version", "0", "0.9", "1.dev0", "1.0.dev456", "1.0a1", "1.0a2.dev456", "1.0a12.dev456", "1.0a12",
            "1.0b1.dev456",
            "1.0b2", "1.0b2.post345.dev456", "1.0b2.post345", "1.0rc1.dev456", "1.0rc1", "1.0", "1.0+abc.5", "1.0+abc.7", "1.0+5",
            "1.0.post456.dev34", "1.0.post456", "1.0.15", "1.1.dev1", "1.10", "2013.6", "1!0.1",
        ]
        for (left, right) in zip(rising, rising.dropFirst()) {
            #expect(PythonVersion(left) < PythonVersion(right), "\(left) and \(right)")
        }
        let equal = [
            ("1", "1.0.0"), ("1.0RC1", "1.0-c1"), ("v1.0", "1.0"), ("1.0-1", "1.0.post1"), ("1.0.alpha", "1.0a0"),
            ("1.0_rev2", "1.0.post2"),
        ]
        for (left, right) in equal { #expect(PythonVersion(left) == PythonVersion(right), "\(left) and \(right)") }
    }

    @Test func otherSourcesGoByTheirBytes() {
        #expect(VersionKey.make(source: "unknown", version: "1.2") == Array("1.2".utf8))
        #expect(VersionKey.make(source: "dpkg", version: "1.2") == DebianVersion("1.2").key)
        #expect(VersionKey.make(source: "python", version: "1.2") == PythonVersion("1.2").key)
    }
}
