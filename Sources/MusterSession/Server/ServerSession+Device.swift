package import MusterModel
package import MusterWire

extension ServerSession {
    /// What the server knows of a device when its Hello is answered; all of it is in memory.
    package struct Device: Hashable, Sendable {
        /// This session's number: see `sessionNumber`.
        package var session: UInt64
        /// The highest number a session of this device can have had, by all the database knows; a higher one in Hello: the database was put
        /// back to an older state.
        package var highestSession: UInt64
        package var renewal: Muster_V1_Renewal
        /// The device never connected with this certificate before: once it has, its older ones are superseded.
        package var isFirstUse: Bool
        /// The state of each reported document the server holds, and of each the device should.
        package var reported: [DocumentName: Digest]
        package var desired: [DocumentName: Digest]
        /// Per epoch how far its events are stored.
        package var positions: [UInt64: StoredPlace]
        package var nextSynchronization: Duration
        /// The connection stays after Done, where the agent knows how.
        package var isPermanent = false
        package var pingInterval: Duration = .seconds(60)
        /// Somebody looks at it just now.
        package var isWatched = false
        /// Said right after Welcome.
        package var actions: [ActionOrder] = []

        /// When a shutdown notice of the device last came by UDP; told to a probe.
        package var noticeReceived: Timestamp?

        static let unknown = Device(
            session: 0, highestSession: .max, renewal: .none, reported: [:], desired: [:], positions: [:],
            nextSynchronization: .zero)

        package init(
            session: UInt64, highestSession: UInt64 = .max, renewal: Muster_V1_Renewal, isFirstUse: Bool = false,
            reported: [DocumentName: Digest], desired: [DocumentName: Digest], positions: [UInt64: StoredPlace],
            nextSynchronization: Duration
        ) {
            self.session = session
            self.highestSession = highestSession
            self.renewal = renewal
            self.isFirstUse = isFirstUse
            self.reported = reported
            self.desired = desired
            self.positions = positions
            self.nextSynchronization = nextSynchronization
        }

        /// Rises with every session of a device, also when the server's clock went back or its database was put back: every write of a
        /// document carries it, so a dead session never overwrites its successor.
        package static func sessionNumber(now: Timestamp, hello: UInt64, known: UInt64) -> UInt64 {
            let most = UInt64(Int64.max)
            return max(UInt64(max(0, now.milliseconds)), min(hello, most - 1) + 1, min(known, most - 1) + 1)
        }
    }
}
