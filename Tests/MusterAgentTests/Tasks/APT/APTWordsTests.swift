import MusterModel
import Testing

@testable import MusterAgent

@Suite("What apt says")
struct APTWordsTests {
    @Test(arguments: [
        ("dlstatus:1:12.5:Retrieving file 1 of 2", APTStatusLine.download(125, "Retrieving file 1 of 2")),
        ("pmstatus:dpkg-exec:0:Running dpkg", .package(0, "Running dpkg")),
        ("pmstatus:libc6:amd64:33.3333:Unpacking libc6:amd64", .package(333, "Unpacking libc6:amd64")),
        ("pmstatus:a:100:", .package(1000, "")), ("pmstatus:7:50:x", .package(500, "x")),
        ("pmerror:a:50:broken", nil), ("pmstatus:a:101:x", nil), ("pmstatus:a:-1:x", nil), ("pmstatus:a:nan:x", nil),
        ("pmstatus:a:inf:x", nil), ("pmstatus:a:1e400:x", nil), ("pmstatus:a", nil), ("pmstatus", nil), ("", nil), (":::", nil),
        ("media-change:a:b:c", nil), ("pmstatus:a:b:c", nil),
    ])
    func howFarItIs(_ line: String, _ status: APTStatusLine?) { #expect(APTStatusLine(line) == status) }

    @Test func statusLinesOfAnyBytesAreTaken() {
        var random = SystemRandomNumberGenerator()
        for _ in 0..<2000 {
            let bytes = (0..<Int.random(in: 0..<40, using: &random)).map { _ in UInt8.random(in: 0...255, using: &random) }
            let text = String(decoding: bytes, as: UTF8.self)
            for line in [text, "pmstatus:" + text, "pmstatus:a:9" + text, "dlstatus::" + text] {
                if case .package(let share, _)? = APTStatusLine(line) { #expect((0...1000).contains(share)) }
            }
        }
    }

    @Test(arguments: [
        (
            "2 upgraded, 1 newly installed, 0 to remove and 7 not upgraded.",
            ["upgraded": 2, "installed": 1, "removed": 0, "notUpgraded": 7]
        ),
        (
            "0 upgraded, 0 newly installed, 1 reinstalled, 2 downgraded, 3 to remove and 0 not upgraded.",
            ["upgraded": 0, "installed": 0, "reinstalled": 1, "downgraded": 2, "removed": 3, "notUpgraded": 0]
        ),
        (
            "99999999999999999999 upgraded, 1 newly installed, x to remove and 0 not upgraded.",
            ["installed": 1, "notUpgraded": 0]
        ),
        ("nothing of the kind", [:]),
    ])
    func howManyPackages(_ line: String, _ figures: [String: Int64]) {
        #expect(APTCounts("Building dependency tree...\n\(line)\nInst a\n").figures == figures)
    }

    @Test(arguments: [
        ("E: Unable to locate package nowhere", "unknownPackage", "nowhere"),
        ("E: Package 'x' has no installation candidate", "unknownPackage", "'x'"),
        ("E: Version '9' for 'weather' was not found", "unknownVersion", "'weather'"),
        ("E: Could not get lock /var/lib/dpkg/lock-frontend. It is held by process 12 (apt)", "locked", "process 12"),
        (
            "E: Held packages were changed and -y was used without --allow-change-held-packages.", "heldPackages",
            "apt-mark unhold"
        ),
        ("E: You don't have enough free space in /var/cache/apt/archives/.", "diskFull", "/var/cache"),
        (
            "tar: ./a: Cannot write: No space left on device\nE: Sub-process /usr/bin/dpkg returned an error code (1)",
            "diskFull",
            "make room"
        ),
        (
            "E: dpkg was interrupted, you must manually run 'dpkg --configure -a' to correct the problem. ", "dpkgInterrupted",
            "script"
        ),
        ("E: Unmet dependencies. Try 'apt --fix-broken install' with no packages", "brokenPackages", "--fix-broken"),
        (
            "E: Packages were downgraded and -y was used without --allow-downgrades.", "downgrade", "newer"
        ),
        (
            "Errors were encountered while processing:\n weather\n storm\nE: Sub-process /usr/bin/dpkg returned an error code (1)",
            "dpkgFailed", "weather, storm"
        ),
        ("E: Failed to fetch http://x/Packages  404  Not Found", "fetchFailed", "404"),
        ("E: The repository 'http://x ./ Release' is not signed.", "notAuthenticated", "key"),
        ("E: Something else\nnote", "aptFailed", "Something else"), ("", "aptFailed", "100"),
        // What a package says is no cause.
        ("Setting up a\nNo space left on device, it says\nE: Sub-process x", "dpkgFailed", "scripts"),
    ])
    func whyItFailed(_ output: String, _ code: String, _ word: String) {
        let conclusion = APTFailure.conclusion(output, exitCode: 100)
        #expect(conclusion.code == code && conclusion.text.contains(word), "\(conclusion)")
        #expect(!conclusion.hasSucceeded && conclusion.exitCode == 100)
    }

    @Test func whatIsInstalledOrLeftOver() {
        let listing = "aa amd64 installed\nbb all config-files\ncc amd64 not-installed\ndd i386 half-configured\nbroken\n"
        func found(_ withLeftovers: Bool) -> [String] {
            let packages = InstalledPackages(listing, withLeftovers: withLeftovers)
            return ["aa", "aa:amd64", "aa:i386", "bb", "cc", "dd:i386", "broken"].filter { name in
                PackageName(name).map { packages.has($0) } ?? false
            }
        }
        #expect(found(false) == ["aa", "aa:amd64", "dd:i386"])
        #expect(found(true) == ["aa", "aa:amd64", "bb", "dd:i386"])
    }
}
