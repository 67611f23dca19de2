import Foundation
import Glibc
import MusterTestKit
import Testing

extension Trait where Self == ConditionTrait {
    /// For labs: only root makes networks and boots systems in them, and not every machine lets even root: a container mostly does not.
    static var needsRoot: Self {
        .enabled("this test boots systems in networks of their own: it needs root, namespaces and overlay file systems") {
            geteuid() == 0 && LabMachine.canMakeSystems
        }
    }
}

/// One lab at a time: each already boots its machines at once.
struct OneAtATime: SuiteTrait, TestTrait, TestScoping {
    private static let seats = Seats(count: 1)

    let isRecursive = true

    /// Each test, not the suite around it.
    func scopeProvider(for test: Test, testCase: Test.Case?) -> Self? { testCase == nil ? nil : self }

    func provideScope(
        for test: Test, testCase: Test.Case?, performing function: @concurrent @Sendable () async throws -> Void
    ) async throws {
        await Self.seats.take()
        defer { Self.seats.leave() }
        try await function()
    }
}

extension Trait where Self == OneAtATime {
    static var oneAtATime: Self { Self() }
}

/// What this machine lets its root do.
private enum LabMachine {
    /// Tried once, with the kernel alone.
    static let canMakeSystems: Bool = {
        let script = """
            d=$(mktemp -d) && mount -t tmpfs none "$d" && mkdir "$d/a" "$d/b" "$d/c" "$d/d" &&
            mount -t overlay none -o "lowerdir=$d/a,upperdir=$d/b,workdir=$d/c" "$d/d" &&
            ip link add muster-try type veth peer name muster-yrt; r=$?; umount "$d/d" "$d"; rmdir "$d"; exit $r
            """
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/unshare")
        process.arguments = ["--mount", "--net", "--pid", "--fork", "--cgroup", "sh", "-c", script]
        process.standardOutput = FileHandle.nullDevice
        process.standardError = FileHandle.nullDevice
        do { try process.run() } catch { return false }
        process.waitUntilExit()
        return process.terminationStatus == 0
    }()
}
