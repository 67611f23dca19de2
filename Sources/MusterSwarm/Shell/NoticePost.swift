import MusterAgent
import MusterModel
import MusterSession
import MusterTrust
import MusterWire
import NIOCore
import NIOPosix

/// The shutdown notices of a fleet that loses its power all at once: three copies of each, as a real device sends them.
struct NoticePost: Sendable {
    private static let copies = 3
    /// Between copies, and between the devices of one turn: a socket's send buffer holds some 300 datagrams.
    private static let pause = Duration.milliseconds(50)
    private static let turn = 200

    let port: UInt16

    /// - Returns: how many devices have sent theirs.
    func send(_ fleet: Fleet, to server: SocketAddress) async throws -> Int {
        let place = try SocketAddress(ipAddress: server.ipAddress ?? "", port: Int(port))
        let any = try SocketAddress(ipAddress: place.protocol == .inet6 ? "::" : "0.0.0.0", port: 0)
        let channel = try await DatagramBootstrap(group: .singletonMultiThreadedEventLoopGroup).bind(to: any).get()
        let devices = try await fleet.devices().filter { $0.identity != nil }
        for start in stride(from: 0, to: devices.count, by: Self.turn) {
            let datagrams = try devices[start..<min(start + Self.turn, devices.count)].map(Self.datagram)
            for _ in 0..<Self.copies {
                for bytes in datagrams {
                    let envelope = AddressedEnvelope(remoteAddress: place, data: ByteBuffer(bytes: bytes))
                    try await channel.writeAndFlush(envelope)
                }
                try await Task.sleep(for: Self.pause)
            }
        }
        try await channel.close()
        return devices.count
    }

    private static func datagram(_ device: SimulatedDevice) throws -> [UInt8] {
        guard let identity = device.identity else { return [] }
        let key = try PrivateKey(pem: identity.keyPEM)
        let time = device.requests.serverTime(.now())
        return try Datagram(
            kind: .shutdownNotice, reason: AbsenceNotice.Kind.powerOff.rawValue, keyID: Digest(keyID: key.pin),
            device: identity.device, counter: Datagram.nextCounter(after: 0, now: time), time: time, runID: device.facts.runID
        ).signed(with: key)
    }
}
