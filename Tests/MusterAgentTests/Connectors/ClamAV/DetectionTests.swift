import Testing

@testable import MusterAgent

@Suite("Lines of clamd's log that say what was found")
struct DetectionTests {
    private func detections(_ text: String) -> [String] {
        Detection.all(in: Array(text.utf8)).map { detection in
            switch detection.place {
            case .file(let path): "\(String(decoding: path, as: UTF8.self)) | \(detection.signature)"
            case .contents(let what): "<\(what)> | \(detection.signature)"
            }
        }
    }

    @Test func aFileAndItsSignature() {
        let text = """
            Wed Nov 25 22:27:55 2026 -> Self checking every 600 seconds.
            Wed Nov 25 22:27:59 2026 -> /srv/a b.zip: Win.Test.EICAR_HDB-1(44d88612fea8a8f36de82e1278abb02f:68) FOUND
            Thu Nov  5 02:07:09 2026 -> /srv/c: Eicar-Signature FOUND
            Wed Nov 25 22:27:59 2026 -> /srv/clean: OK
            Wed Nov 25 22:27:59 2026 -> instream(local): Eicar-Signature FOUND
            Wed Nov 25 22:27:59 2026 -> fd[10]: Eicar-Signature FOUND

            """
        #expect(
            detections(text) == [
                "/srv/a b.zip | Win.Test.EICAR_HDB-1", "/srv/c | Eicar-Signature", "<instream(local)> | Eicar-Signature",
                "<fd[10]> | Eicar-Signature",
            ])
    }

    @Test func aLogWithoutTimes() {
        #expect(detections("/a: X FOUND\nSelfCheck: Database status OK.\n/b: Y FOUND\n") == ["/a | X", "/b | Y"])
    }

    @Test("a name with line ends in it is one name")
    func lineEnds() {
        let time = "Wed Nov 25 22:27:59 2026 -> "
        #expect(
            detections("\(time)/tmp/a b: Evil FOUND\n\nnew.com: Eicar(0a:68) FOUND\n\(time)/b: X FOUND\n") == [
                "/tmp/a b: Evil FOUND\n\nnew.com | Eicar", "/b | X",
            ])
    }

    @Test(
        "what is no detection is none",
        arguments: [
            "", " FOUND", ": FOUND", "/a FOUND", "/a: FOUND", "/a:  FOUND?", "relative: X FOUND", "/a: (0a:68) FOUND",
            "/a: X found",
            "WARNING: File path check failure on: /x: Evil FOUND", "Wed Nov 25 22:27:59 2026 -> ", "Wed Nov 25",
        ])
    func nothing(_ line: String) { #expect(detections(line).isEmpty) }

    @Test func namesThatNoFileCanHaveAreNone() {
        #expect(detections("/" + String(repeating: "a", count: 4096) + ": X FOUND").isEmpty)
        #expect(detections("/" + String(repeating: "a", count: 4095) + ": X FOUND").count == 1)
        #expect(detections("fd[" + String(repeating: "1", count: 100) + "]: X FOUND").isEmpty)
    }

    @Test func bytesThatAreNoTextStayWhatTheyAre() {
        let line: [UInt8] = Array("/tmp/".utf8) + [0xff, 0x1b, 0x5b, 0x41] + Array(": X\u{1b}[2J\u{202e} FOUND".utf8)
        let detection = Detection(line)
        #expect(detection?.place == .file(Array("/tmp/".utf8) + [0xff, 0x1b, 0x5b, 0x41]))
        #expect(detection?.signature == "X\\u{1b}[2J\\u{202e}")
    }

    @Test("bytes at random are read without a trap")
    func random() {
        var generator = Sequence64(value: 1)
        let pieces = ["/a", ": ", " FOUND", "\n", "Wed Nov 25 22:27:59 2026 -> ", "(", "fd[", "\u{0}", "é"].map { Array($0.utf8) }
        for _ in 0..<5000 {
            var bytes: [UInt8] = []
            for _ in 0..<Int.random(in: 0...12, using: &generator) {
                bytes += pieces.randomElement(using: &generator) ?? []
                if Bool.random(using: &generator) { bytes.append(UInt8.random(in: 0...255, using: &generator)) }
            }
            for detection in Detection.all(in: bytes) { #expect(!detection.signature.isEmpty) }
        }
    }

    @Test func aTextForPeopleIsOneLineOfBoundedLength() {
        #expect(HostileText.shown(Array("a\n\u{7f}b".utf8), limit: 100) == "a\\u{a}\\u{7f}b")
        #expect(HostileText.shown(Array("abc".utf8), limit: 2) == "ab…")
        #expect(HostileText.shown([0xff], limit: 10) == "\u{fffd}")
    }

    @Test func signaturesThatClamdLoaded() {
        let log = """
            Wed Nov 25 22:27:55 2026 -> Loaded 8700000 signatures.
            Wed Nov 25 22:27:59 2026 -> /srv/Loaded 5 signatures: X FOUND
            Wed Nov 25 22:28:55 2026 -> Database correctly reloaded (8700001 signatures)
            Wed Nov 25 22:28:55 2026 -> Loaded 99999999999999999999 signatures.

            """
        #expect(ClamLog.signatures(in: Array(log.utf8)) == 8_700_001)
        #expect(ClamLog.signatures(in: Array("Loaded x signatures".utf8)) == nil)
    }
}
