import FoundationEssentials
import Glibc
import Testing

@testable import MusterAgent

@Suite("What was added to a log")
struct LogTailTests {
    private let temporary: TemporaryDirectory
    private let tail: LogTail

    init() throws {
        temporary = try TemporaryDirectory()
        tail = LogTail(path: temporary.path + "/clamd.log")
    }

    private func add(_ text: String, to name: String = "clamd.log") throws {
        let file = try #require(fopen("\(temporary.path)/\(name)", "a"))
        fputs(text, file)
        fclose(file)
    }

    private func rename(_ name: String) throws {
        try #require(Glibc.rename(tail.path, "\(temporary.path)/\(name)") == 0)
    }

    /// Reads until there is no more, as the connector does.
    private func read(_ place: inout LogPlace?) -> String {
        var text: [UInt8] = []
        for _ in 0..<50 {
            let piece = tail.read(after: place)
            let isMore = piece.isMore || piece.place != place
            text += piece.text
            place = piece.place
            if !isMore { break }
        }
        return String(decoding: text, as: UTF8.self)
    }

    @Test func whatWasThereAtTheFirstLookIsHistory() throws {
        try add("old\n")
        var place: LogPlace?
        #expect(read(&place) == "")
        try add("new\n")
        #expect(read(&place) == "new\n")
        #expect(read(&place) == "", "nothing is told twice")
    }

    @Test func aLogThatIsMadeLaterIsAllNews() throws {
        var place: LogPlace?
        #expect(read(&place) == "")
        try add("first\n")
        #expect(read(&place) == "first\n")
    }

    @Test func aLineThatIsNotWholeWaits() throws {
        var place: LogPlace? = LogPlace()
        try add("one\ntw")
        #expect(read(&place) == "one\n")
        try add("o\n")
        #expect(read(&place) == "two\n")
    }

    /// As a transcript of a rotation: the log is renamed, clamd goes on with the old file, and is told of the new one later.
    @Test(arguments: ["clamd.log.1", "clamd.log-20261125-120000"])
    func aRotatedLogIsReadToItsEnd(_ name: String) throws {
        var place: LogPlace? = LogPlace()
        try add("one\n")
        #expect(read(&place) == "one\n")
        try add("two\n")
        try rename(name)
        #expect(read(&place) == "two\n")
        try add("", to: "clamd.log")
        try add("three\n", to: name)
        #expect(read(&place) == "three\n", "the new log is empty still")
        try add("four\n", to: name)
        try add("five\n")
        #expect(read(&place) == "four\nfive\n")
        #expect(read(&place) == "")
    }

    @Test func anotherLogInItsPlaceIsReadFromItsBeginning() throws {
        var place: LogPlace? = LogPlace()
        try add("one\n")
        _ = read(&place)
        unlink(tail.path)
        #expect(read(&place) == "")
        try add("other\n")
        #expect(read(&place) == "other\n")
    }

    @Test func aLogThatWasCutIsReadFromItsBeginning() throws {
        var place: LogPlace? = LogPlace()
        try add("one\ntwo\n")
        _ = read(&place)
        try #require(truncate(tail.path, 0) == 0)
        try add("new\n")
        #expect(read(&place) == "new\n")
    }

    @Test func aLotIsReadInPieces() throws {
        let small = LogTail(path: tail.path, limit: 8)
        try add("aaaa\nbbbb\ncccc\n")
        var place: LogPlace? = LogPlace()
        var texts: [String] = []
        for _ in 0..<3 {
            let piece = small.read(after: place)
            texts.append(String(decoding: piece.text, as: UTF8.self))
            place = piece.place
        }
        #expect(texts == ["aaaa\n", "bbbb\n", "cccc\n"])
    }

    @Test func aLineThatFillsAllIsPassedOver() throws {
        let small = LogTail(path: tail.path, limit: 8)
        try add(String(repeating: "a", count: 20) + "\nb\n")
        var place: LogPlace? = LogPlace()
        var text: [UInt8] = []
        for _ in 0..<10 {
            let piece = small.read(after: place)
            text += piece.text
            place = piece.place
        }
        #expect(String(decoding: text, as: UTF8.self).hasSuffix("\nb\n"))
    }

    @Test("a link, a directory and a pipe are no logs")
    func noLogs() throws {
        try add("secret\n", to: "other")
        try #require(symlink("\(temporary.path)/other", tail.path) == 0)
        var place: LogPlace? = LogPlace()
        #expect(read(&place) == "")
        unlink(tail.path)
        try #require(mkfifo(tail.path, 0o600) == 0)
        #expect(read(&place) == "")
        unlink(tail.path)
        try #require(mkdir(tail.path, 0o700) == 0)
        #expect(read(&place) == "")
    }
}
