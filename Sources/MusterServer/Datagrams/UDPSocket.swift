import MusterModel
import NIOCore
import Synchronization

/// The server's UDP socket, for those who send from it: devices' firewalls and routers see connection requests come from the port that
/// shutdown notices go to. There once `NoticeListener` listens.
final class UDPSocket: Sendable {
    private struct State {
        var channel: (any Channel)?
        var port: UInt16
    }

    private let state: Mutex<State>

    /// - Parameter port: that is asked for; 0 for a free one, which is known once it is open.
    init(port: Int) {
        let port = UInt16(exactly: port).flatMap { $0 == 0 ? nil : $0 }
        state = Mutex(State(port: port ?? AgentSettings.standardNoticePort))
    }

    /// Where shutdown notices are to be sent.
    var port: UInt16 { state.withLock { $0.port } }

    func opened(_ channel: any Channel) {
        state.withLock { state in
            state.channel = channel
            if let port = channel.localAddress?.port.flatMap(UInt16.init(exactly:)) { state.port = port }
        }
    }

    func closed() { state.withLock { $0.channel = nil } }

    /// - Throws: what the system says at once: no route, no such address family. That it arrives is not known.
    func send(_ bytes: [UInt8], to address: SocketAddress) async throws {
        guard let channel = state.withLock({ $0.channel }) else { throw ChannelError.ioOnClosedChannel }
        try await channel.writeAndFlush(AddressedEnvelope(remoteAddress: address, data: ByteBuffer(bytes: bytes)))
    }
}
