import Foundation
import Glibc
import MusterTestKit

/// A disk of its own with little room (tmpfs): it can be filled and freed. Needs root. It is taken away with this value.
final class SmallDisk: Sendable {
    private let directory: TemporaryDirectory

    init(mebibytes: Int) async throws {
        directory = try TemporaryDirectory()
        let options = "size=\(mebibytes)m,mode=0700"
        let mounted = try await runProgram(
            ProgramPath.ofSystem("mount"), ["-t", "tmpfs", "-o", options, "muster-test", directory.path])
        guard mounted.status == 0 else {
            throw FixtureError(description: "a tmpfs cannot be mounted (root is needed): \(mounted.error)")
        }
    }

    /// Programs that still use it keep it until they end.
    deinit { umount2(directory.path, Int32(MNT_DETACH)) }

    func file(_ name: String) -> String { directory.file(name) }

    /// Leaves no room at all.
    func fill() throws {
        let descriptor = open(ballast, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw FixtureError(description: "no ballast: \(String(cString: strerror(errno)))") }
        defer { close(descriptor) }
        let block = [UInt8](repeating: 0x42, count: 4096)
        while write(descriptor, block, block.count) > 0 {}
        guard errno == ENOSPC else { throw FixtureError(description: "not full: \(String(cString: strerror(errno)))") }
    }

    func free() throws { try FileManager.default.removeItem(atPath: ballast) }

    private var ballast: String { file("ballast") }
}
