import Logging
import MusterModel
import NIOCore

/// The end of one connection, kept in one place: the first reason given is the one that is counted, logged and shown.
final class Connection {
    let context: GatewayContext
    let address: String
    var device: DeviceID?
    /// Stored in this connection.
    var documents: Int64 = 0
    var events: Int64 = 0
    private var course = Course.stranger
    private var reason: CloseReason?
    private var text = ""
    private var isArriving = true

    /// What the history of the device will say.
    private enum Course {
        /// Nothing: not known whose it is, or it is not the device's own coming. Can go to: refused, served.
        case stranger
        /// The device is known and was not served.
        case refused(hello: String)
        /// By its number in the history.
        case served(Int64)
    }

    init(context: GatewayContext, channel: any Channel) {
        self.context = context
        address = channel.remoteAddress?.ipAddress ?? "unknown"
        context.connections.add(channel)
    }

    /// Its costly part, the handshake, is over: the next may be accepted.
    func arrived() {
        guard isArriving else { return }
        isArriving = false
        context.counters.arrived()
        context.memory.freed()
    }

    /// A session of the device begins.
    func opened(_ device: DeviceID, hello: String) {
        arrived()
        self.device = device
        course = .served(context.history.opened(device, address: address, hello: hello, now: context.now()))
    }

    /// The device is known, and is told why it is not served.
    func refused(_ device: DeviceID, hello: String) {
        self.device = device
        course = .refused(hello: hello)
    }

    /// Keeps the reason and closes once everything written is out.
    func close(_ reason: CloseReason, text: String = "", on channel: any Channel) {
        arrived()
        note(reason, text: text)
        channel.flush()
        channel.close(promise: nil)
    }

    func note(_ reason: CloseReason, text: String = "") {
        guard self.reason == nil else { return }
        self.reason = reason
        self.text = text
    }

    func closed(_ channel: any Channel) {
        arrived()
        let reason = reason ?? .closedByPeer
        context.connections.remove(channel)
        context.counters.closed(reason)
        remember(reason)
        context.memory.freed()
        var metadata: Logger.Metadata = ["close.reason": "\(reason.code)", "address": "\(address)"]
        if let device { metadata["device.id"] = "\(device)" }
        if !text.isEmpty { metadata["close.text"] = "\(text)" }
        context.logger.log(level: reason.isSuccess ? .debug : .notice, "connection.closed", metadata: metadata)
    }

    private func remember(_ reason: CloseReason) {
        guard let device else { return }
        let end = ConnectionEnd(reason: reason, text: text, documents: documents, events: events)
        let now = context.now()
        switch course {
        case .stranger: break
        case .refused(let hello):
            // A copy's refusal says nothing of the device itself.
            if reason != .cloneSuspected, reason != .enrolAnew { context.directory.refused(device, reason, now: now) }
            context.history.refused(device, end, address: address, hello: hello, now: now)
        case .served(let number): context.history.closed(number, end, now: now)
        }
        course = .stranger
    }
}
