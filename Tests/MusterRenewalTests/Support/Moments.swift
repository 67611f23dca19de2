import Foundation
import MusterModel
import MusterStore
import MusterTestKit
import Synchronization

@testable import MusterAgent
@testable import MusterServer

/// The disks of a server and a device, kept whenever one of them may have changed: what a crash of both at that moment would leave.
final class Moments: Sendable {
    struct Moment: Hashable, Sendable {
        let agent: Data
        let server: Data
    }

    private let scene: Scene
    private let kept = Mutex<[Moment]>([])
    private let failure = Mutex<(any Error)?>(nil)

    init(of scene: Scene) { self.scene = scene }

    var all: [Moment] {
        get throws {
            if let failure = failure.withLock({ $0 }) { throw failure }
            return kept.withLock { $0 }
        }
    }

    /// On the thread of the agent's storage.
    func keep() {
        do {
            let directory = try StateDirectory(scene.device.statePath)
            let moment = Moment(
                agent: try Disk.contents(of: directory.databasePath),
                server: try Disk.contents(of: scene.server.directory.database))
            kept.withLock { if $0.last != moment { $0.append(moment) } }
        } catch {
            failure.withLock { $0 = error }
        }
    }

    /// Server and device as they were then, at the same address and with the same clocks.
    func scene(at moment: Moment) throws -> Scene {
        let server = ServerSite(files: try TemporaryDirectory(), clock: scene.server.clock, address: scene.server.address)
        try FileManager.default.copyItem(atPath: scene.server.directory.path, toPath: server.directory.path)
        try server.putBack(moment.server)
        return Scene(server: server, device: try TestDevice(scene.device.clock, database: moment.agent), id: scene.id)
    }
}

extension ServerSite {
    /// The database as it is now, also while the server runs.
    var backup: Data { get throws { try Disk.contents(of: directory.database) } }

    /// Puts the database back to an older copy, while no server runs.
    func putBack(_ database: Data) throws {
        for suffix in ["", "-wal", "-shm"] { try? FileManager.default.removeItem(atPath: directory.database + suffix) }
        try database.write(to: URL(fileURLWithPath: directory.database))
    }
}
