import MusterAgent
import MusterModel
import MusterSession
import NIOCore
import NIOSSL

/// One connection of a device, whatever is said on it: its time limits and its end, of which the first that is noted counts. On its loop only.
final class DeviceConnection {
    let loop: FleetLoop
    /// The device's place on its loop.
    let slot: Int
    /// Its number in the fleet.
    let device: Int
    let presented: PresentedCertificate
    private let began = NIODeadline.now()
    private var end: SimulatedDevice.End?
    private var text = ""
    private var patience = LazyTimer()
    private var timeout: Scheduled<Void>?
    private var isOver = false

    init(loop: FleetLoop, slot: Int) {
        self.loop = loop
        self.slot = slot
        device = loop.devices[slot].index
        presented = PresentedCertificate(pins: loop.connector.pins)
        loop.connectionBegun()
    }

    /// Since the connection was begun.
    var age: Duration { .nanoseconds((NIODeadline.now() - began).nanoseconds) }

    func note(_ end: SimulatedDevice.End, text: String = "") {
        guard self.end == nil else { return }
        self.end = end
        self.text = text
    }

    func close(_ end: SimulatedDevice.End, text: String = "", on channel: any Channel) {
        note(end, text: text)
        channel.close(promise: nil)
    }

    private var reasonOfSilence = CloseReason.idleTimeout

    /// From now on something must happen within `time`, or the connection ends with `reason`.
    func expect(within time: Duration, else reason: CloseReason, on channel: any Channel) {
        guard !isOver else { return }
        reasonOfSilence = reason
        follow(patience.expect(within: time, now: loop.now), on: channel)
    }

    private func follow(_ order: LazyTimer.Order, on channel: any Channel) {
        guard case .set(let time) = order else { return }
        timeout?.cancel()
        timeout = loop.schedule(in: time) {
            guard !self.isOver else { return }
            if let order = self.patience.fired(now: self.loop.now) { return self.follow(order, on: channel) }
            self.close(.failed(self.reasonOfSilence, retryAfter: nil), on: channel)
        }
    }

    func failed(_ error: any Error, on channel: any Channel) {
        if let failure = presented.failure {
            note(.failed(failure.reason, retryAfter: nil), text: failure.text)
        } else {
            let isLost = error is IOError || error is ChannelError || error as? NIOSSLError == .uncleanShutdown
            note(.failed(isLost ? .closedByPeer : .handshakeFailed, retryAfter: nil), text: "\(error)")
        }
        channel.close(promise: nil)
    }

    func notConnected(_ error: any Error) {
        note(.failed(.unreachable, retryAfter: nil), text: "\(error)")
        closed()
    }

    func closed() {
        guard !isOver else { return }
        isOver = true
        timeout?.cancel()
        loop.connectionEnded(slot, end ?? .failed(.closedByPeer, retryAfter: nil), text: text)
    }
}
