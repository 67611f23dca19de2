import MusterModel
import MusterStore
import MusterTestKit
import MusterTrust
import Testing

@testable import MusterAgent
@testable import MusterServer

/// A renewal is cut off at every moment at which something was written: before and after the key, the issue, the saving and the first use.
/// Started anew from what was on the disks, server and device go on by themselves and end with one new certificate.
@Suite("Crashes during a renewal", .timeLimit(.minutes(10)))
struct CrashTests {
    /// How far a renewal is, by what is on both disks.
    private enum Progress: Int, CaseIterable, Comparable {
        case notBegun, keySaved, issued, saved, used

        static func < (left: Self, right: Self) -> Bool { left.rawValue < right.rawValue }
    }

    /// Valid and due; expired, so that it may only renew.
    @Test(arguments: [45, 100] as [Int64])
    func atEveryMoment(days: Int64) async throws {
        let scene = try await Scene.make()
        scene.pass(.days(days))
        let moments = Moments(of: scene)
        try await scene.server.run { _ in
            try await scene.device.run(between: { moments.keep() }) { agent in
                for _ in 0..<2 { _ = try await agent.synchronize() }
            }
        }
        var seen: Set<Progress> = []
        var last = Progress.notBegun
        for moment in try moments.all {
            let cut = try moments.scene(at: moment)
            let progress = try await Self.progress(of: cut)
            #expect(progress >= last)
            last = progress
            seen.insert(progress)
            try await goOn(cut, from: progress)
        }
        #expect(seen == Set(Progress.allCases), "a moment was missed")
    }

    private static func progress(of scene: Scene) async throws -> Progress {
        let certificates = try await scene.certificates
        if certificates.last?.generation == 2, certificates.last?.used == true { return .used }
        let state = AgentState(try AgentDatabase(StateDirectory(scene.device.statePath), mode: .existing))
        if try scene.device.certificate.fingerprint != certificates.first?.fingerprint { return .saved }
        if certificates.count == 2 { return .issued }
        return try state.pendingKeyPEM() == nil ? .notBegun : .keySaved
    }

    private func goOn(_ scene: Scene, from progress: Progress) async throws {
        let issued = try await scene.certificates.dropFirst().first
        let status = try await scene.meet(times: 2)
        #expect(status.lastError == nil && status.device == scene.id)
        let certificates = try await scene.certificates
        #expect(certificates.map(\.used) == [true, true], "cut off when \(progress)")
        #expect(try scene.device.certificate.fingerprint == certificates.last?.fingerprint)
        // The same key asked again and got what was made for it before.
        if let issued { #expect(certificates.last?.fingerprint == issued.fingerprint) }
    }
}
