import Logging
import MusterModel
import MusterSession
import MusterStore
import MusterTrust
import MusterWire
import NIOPosix
import Synchronization

/// Takes shutdown notices: `NoticeGate` decides on the event loop, from memory; what is worth a signature check waits here for one task that
/// fetches the device's certificate and checks it, one after the other.
final class NoticeIntake: Sendable {
    /// That one ever came is written down at most so often.
    private static let writingPeriod = Duration.minutes(1)

    private let directory: DeviceDirectory
    private let store: Store
    private let pool: NIOThreadPool
    private let counters: CloseCounters
    private let logger: Logger
    private let now: @Sendable () -> Timestamp
    private let gate: Mutex<NoticeGate>
    private let waiting: AsyncStream<NoticeGate.Notice>
    private let queue: AsyncStream<NoticeGate.Notice>.Continuation
    /// When the last one that was believed came, also before this start.
    private let last: Mutex<Timestamp?>

    init(
        directory: DeviceDirectory, store: Store, pool: NIOThreadPool, counters: CloseCounters, last: Timestamp?, logger: Logger,
        now: @escaping @Sendable () -> Timestamp
    ) {
        self.directory = directory
        self.store = store
        self.pool = pool
        self.counters = counters
        self.logger = logger
        self.now = now
        self.last = Mutex(last)
        gate = Mutex(NoticeGate(now: now()))
        // The gate lets no more wait.
        (waiting, queue) = AsyncStream.makeStream(bufferingPolicy: .bufferingOldest(NoticeGate.burst))
    }

    /// Nil: none ever came, or none got through: UDP is closed on the way.
    var lastReceived: Timestamp? { last.withLock { $0 } }

    /// On an event loop.
    func received(_ bytes: [UInt8]) {
        let now = now()
        switch gate.withLock({ $0.received(bytes, now: now, sender: directory.noticeSender) }) {
        case .checkSignature(let notice): queue.yield(notice)
        case .dropped(let outcome): counters.datagram(outcome)
        }
    }

    /// Until cancelled.
    func run() async {
        var written: Timestamp?
        for await notice in waiting {
            let isValid = await isSigned(notice)
            let sender = directory.noticeSender(notice.datagram.device)
            let outcome = gate.withLock { $0.checked(notice, isValid: isValid, sender: sender) }
            counters.datagram(outcome)
            guard outcome == .valid else { continue }
            let now = now()
            directory.noticeTaken(notice, now: now)
            last.withLock { $0 = now }
            logger.debug(
                "notice.received", metadata: ["device.id": "\(notice.datagram.device)", "notice.kind": "\(notice.kind.code)"])
            if written.map({ now - $0 >= Self.writingPeriod }) ?? true, await write(now) { written = now }
        }
    }

    /// One that cannot be checked is not believed.
    private func isSigned(_ notice: NoticeGate.Notice) async -> Bool {
        do {
            let datagram = notice.datagram
            guard let pin = directory.publicKey(datagram.keyID, of: datagram.device),
                let der = try await store.certificateDER(device: datagram.device, publicKey: pin)
            else { return false }
            return try await pool.runIfActive {
                try CertificateFacts(der: der).publicKey.isValid(signature: notice.signature, for: datagram.signedPart)
            }
        } catch {
            logger.warning("notice.check.failed", metadata: ["error": "\(error)"])
            return false
        }
    }

    private func write(_ now: Timestamp) async -> Bool {
        do { try await store.noticeReceived(now) } catch {
            logger.warning("notice.writing.failed", metadata: ["error": "\(error)"])
            return false
        }
        return true
    }
}
