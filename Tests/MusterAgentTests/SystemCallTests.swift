import Glibc
import MusterTestKit
import Testing

@testable import MusterAgent

struct SystemCallTests {
    /// Files of other users' folders may be swapped for anything between two looks.
    @Test func nobodyWaitsForAPipeInAFilesPlace() throws {
        let files = try TemporaryDirectory()
        let file = files.path + "/database"
        #expect(mkfifo(file, 0o600) == 0)
        #expect(SystemCall.contents(of: file) == [])
        #expect(SystemCall.line(of: file) == nil)
    }
}
