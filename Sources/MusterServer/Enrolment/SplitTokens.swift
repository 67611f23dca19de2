import MusterModel
import MusterStore
import MusterTrust
import Synchronization

/// Tokens for copies that become devices of their own: for one enrolment each, good for ten minutes; a machine that asks again meanwhile gets
/// the same one, so that an answer that was lost makes no second device.
final class SplitTokens: Sendable {
    private static let life = Duration.minutes(10)
    /// 150 bytes each.
    private static let kept = 1024

    private struct Machine: Hashable {
        var device: DeviceID
        var run: UInt64
    }

    private let tokens = Mutex<[Machine: (text: String, expires: Timestamp)]>([:])
    private let store: Store

    init(store: Store) { self.store = store }

    func token(for run: UInt64, of device: DeviceID, now: Timestamp) async throws -> String {
        let machine = Machine(device: device, run: run)
        let known = tokens.withLock { tokens in
            tokens = tokens.filter { $0.value.expires > now }
            return tokens[machine]?.text
        }
        if let known { return known }
        let token = EnrolmentTokenText(id: .random(), secret: .random())
        let expires = now + Self.life
        try await store.createEnrolmentToken(
            EnrolmentTokenRecord(
                id: token.id, name: "copy of \(device)", created: now, expires: expires, maximumUses: 1),
            secretHash: token.hash, principal: AuditPrincipal(kind: "device", id: "\(device)"))
        tokens.withLock { tokens in
            if tokens.count < Self.kept { tokens[machine] = (token.text, expires) }
        }
        return token.text
    }
}
