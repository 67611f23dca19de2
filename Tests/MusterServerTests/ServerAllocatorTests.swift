import CMalloc
import Logging
import MusterTestKit
import Testing

@testable import MusterServer

/// How the server's memory is kept.
struct ServerAllocatorTests {
    @Test func theProgramMapsTheBuffersOfConnectionsApart() async throws {
        let directory = try TemporaryDirectory()
        let program = ServerProgram(
            directory: DataDirectory(directory.file("nothing-here")), options: ServerOptions(), readyFile: nil,
            logger: Logger(label: "test"))
        await #expect(throws: ServerError.self) { try await program.run() }
        let size = 2 * Int(ServerAllocator.mappedFrom)
        // Other tests of this process may have left free what 300 MB fit into.
        #expect(mapped(20_000, of: size) > 512)
    }

    /// How many of so many blocks are mapped apart: those fill their last page, others have no more than a few bytes beyond what was asked
    /// for. Not all are: what lies free is used first.
    private func mapped(_ count: Int, of size: Int) -> Int {
        let blocks = (0..<count).map { _ in malloc(size) }
        defer { for block in blocks { free(block) } }
        return blocks.count { malloc_usable_size($0) > size + 2048 }
    }
}
