import FoundationEssentials
import Glibc
import MusterModel
import Testing

@testable import MusterAgent

@Suite("services.conf")
struct ServicesFileTests {
    private func file(_ text: String) throws(ServicesFileFault) -> ServicesFile { try ServicesFile(Array(text.utf8)) }

    @Test func whatItSays() throws {
        let file = try file("# mine\n\n watched =  ssh.service   cron.service # both\nperiod=1m\n")
        #expect(file.values == ["watched": .list(["ssh.service", "cron.service"]), "period": .duration(.minutes(1))])
        #expect(
            try self.file("period = 1m\r\nwatched = a.service\r\n").values == [
                "period": .duration(.minutes(1)), "watched": .list(["a.service"]),
            ])
        #expect(try self.file("watched =").values == ["watched": .list([])])
        #expect(try self.file("").values == [:])
    }

    @Test func settingKeysLeavesTheRestUntouched() throws {
        var file = try file("# mine\r\n\nwatched = a.service   # the best\n# watched = old.service")
        file.set(["watched": .list(["b.service", "c.service"]), "period": .duration(.seconds(30))])
        #expect(file.text == "# mine\r\n\nwatched = b.service c.service   # the best\n# watched = old.service\nperiod = 30s\n")
        let again = try self.file(file.text)
        #expect(again.values == file.values && again.text == file.text)
    }

    @Test func aNewOneSaysWhatItIs() throws {
        var file = ServicesFile()
        file.set(["watched": .list(["a.service"])])
        #expect(file.text.hasPrefix("# What the Muster agent watches"))
        #expect(file.text.hasSuffix("\nwatched = a.service\n"))
        #expect(try self.file(file.text).values == ["watched": .list(["a.service"])])
    }

    @Test(arguments: [
        ("watched", "line 1 is no 'key = value'"), ("\nwached = a.service", "line 2 sets 'wached'"),
        ("period = 5s\nperiod = 6s", "line 2 sets 'period' once more"),
        ("period = 1s", "line 1: '1s' is not allowed for 'period'"),
        ("watched = ssh", "line 1: 'ssh' is not allowed"), ("watched = a.service a.service", "is not allowed"),
        ("watched = -x.service", "is not allowed"), ("= 5s", "line 1 sets ''"),
    ])
    func whatIsDamaged(_ text: String, _ says: String) {
        do throws(ServicesFileFault) {
            _ = try file(text)
            Issue.record("it was taken")
        } catch {
            #expect(error.text.contains(says))
        }
    }

    @Test func textThatIsNone() {
        #expect(throws: ServicesFileFault.self) { try ServicesFile([0xff, 0xfe]) }
    }

    /// Whatever is set comes back.
    @Test func everyValueComesBack() throws {
        var generator = Sequence64(value: 5)
        for _ in 0..<200 {
            let names = (0..<Int.random(in: 0...64, using: &generator)).map { "u\($0)-\(generator.next() % 1000)@x:y.service" }
            let values: [String: ManagedValue] = [
                "watched": .list(names), "period": .duration(.seconds(Int64.random(in: 5...600, using: &generator))),
            ]
            var file = try file("# kept\nperiod = 9s # too\n")
            file.set(values)
            #expect(try self.file(file.text).values == values)
        }
    }
}

@Suite("services.conf on the disk")
struct ServicesStoreTests {
    private let directory: TemporaryDirectory
    private let store: ServicesStore

    init() throws {
        directory = try TemporaryDirectory()
        store = ServicesStore(directory: directory.path + "/etc/muster")
        try directory.write("etc/x", "")
    }

    private var text: String { get throws { try String(contentsOf: URL(filePath: store.path), encoding: .utf8) } }

    private func code(of body: () throws(ConnectorError) -> Void) -> String? {
        do { try body() } catch { return error.code }
        return nil
    }

    @Test func itIsMadeWithItsDirectory() throws {
        try store.set(["period": fifteen])
        #expect(try store.read()?.values == ["period": fifteen])
        #expect(try FileStatus(store.path).permissions == 0o644)
    }

    @Test func permissionsStay() throws {
        try directory.write("etc/muster/services.conf", "# mine\n")
        chmod(store.path, 0o640)
        try store.set(["period": fifteen])
        #expect(try text == "# mine\nperiod = 15s\n")
        #expect(try FileStatus(store.path).permissions == 0o640)
        #expect(SystemCall.names(in: store.directory) == ["services.conf"])
    }

    @Test func whatIsThereIsNotWrittenAnew() throws {
        try store.set(["period": fifteen])
        let before = FileStamp(store.path)
        try store.set(["period": fifteen])
        #expect(FileStamp(store.path) == before)
    }

    @Test func aReadOnlyFileIsLeftAlone() throws {
        try directory.write("etc/muster/services.conf", "period = 9s\n")
        chmod(store.path, 0o444)
        #expect(code { () throws(ConnectorError) in try store.set(["period": fifteen]) } == "fileReadOnly")
        #expect(try text == "period = 9s\n")
    }

    @Test func aDamagedFileIsLeftAlone() throws {
        try directory.write("etc/muster/services.conf", "period = 9s\nnonsense\n")
        #expect(code { () throws(ConnectorError) in try store.set(["period": fifteen]) } == "fileDamaged")
        #expect(try text == "period = 9s\nnonsense\n")
    }

    @Test func aLinkIsNotFollowed() throws {
        try directory.write("etc/muster/other", "period = 9s\n")
        symlink("other", store.path)
        #expect(code { () throws(ConnectorError) in try store.set(["period": fifteen]) } == "fileDamaged")
    }

    @Test func whereItCannotBeWritten() throws {
        let nowhere = ServicesStore(directory: "/proc/muster")
        #expect(code { () throws(ConnectorError) in try nowhere.set(["period": fifteen]) } == "fileReadOnly")
    }
}
