import Logging
import MusterModel
import NIOCore

/// The end of one connection, kept in one place: the first reason given is the one that is counted, logged and shown.
final class Connection {
    let context: GatewayContext
    let address: String
    var device: DeviceID?
    private var reason: CloseReason?
    private var text = ""

    init(context: GatewayContext, channel: any Channel) {
        self.context = context
        address = channel.remoteAddress?.ipAddress ?? "unknown"
        context.connections.add(channel)
    }

    /// Keeps the reason and closes once everything written is out.
    func close(_ reason: CloseReason, text: String = "", on channel: any Channel) {
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
        let reason = reason ?? .closedByPeer
        context.connections.remove(channel)
        context.counters.closed(reason)
        context.memory.connectionClosed()
        var metadata: Logger.Metadata = ["close.reason": "\(reason.code)", "address": "\(address)"]
        if let device { metadata["device.id"] = "\(device)" }
        if !text.isEmpty { metadata["close.text"] = "\(text)" }
        context.logger.log(level: reason.isSuccess ? .debug : .notice, "connection.closed", metadata: metadata)
    }
}
