import Logging
import MusterModel
import MusterSession
import MusterStore
import MusterWire
import NIOCore

/// Machines that come with the identity of a device that is there: asks the one that is connected, refuses copies.
extension SessionHandler {
    /// Waits for the other session's word, then judges anew: meanwhile others may have come.
    func ask(_ other: any Channel, about known: KnownDevice, _ hello: Muster_V1_Hello, context: ChannelHandlerContext) {
        let promise = context.eventLoop.makePromise(of: Bool.self)
        let patience = context.eventLoop.scheduleTask(in: TimeAmount(RunHistory.patience)) { promise.succeed(false) }
        other.pipeline.fireUserInboundEventTriggered(ConnectionOrder.prove(promise))
        promise.futureResult.assumeIsolated().whenComplete { result in
            patience.cancel()
            guard !self.isClosing else { return }
            switch result {
            case .success(let isThere):
                self.open(known, hello, asked: AskedSession(channel: other, isThere: isThere), context: context)
            case .failure: self.run(self.machine.refused(.busy, retryAfter: .seconds(10)), context: context)
            }
        }
    }

    /// Changes nothing of what is stored of the device but that there are two of it.
    func refuse(_ found: CopyFound, _ hello: Muster_V1_Hello, of device: DeviceID, context: ChannelHandlerContext) {
        connection.refused(device, hello: hello.reason.code)
        if found.isNews { tell(device, context: context) }
        if found.isSplit, machine.knowsEnrolAnew { return giveToken(to: hello.runID, of: device, context: context) }
        run(machine.refused(.cloneSuspected, text: Self.advice), context: context)
    }

    private static let advice = """
        another machine comes as this device, so this one is taken for a copy of it: the administrator decides \
        (muster devices split, or muster devices same)
        """

    /// One token for each machine, however often it asks.
    private func giveToken(to run: UInt64, of device: DeviceID, context: ChannelHandlerContext) {
        let house = connection.context
        let made = context.eventLoop.makeFutureWithTask {
            try await house.splitTokens.token(for: run, of: device, now: house.now())
        }
        made.assumeIsolated().whenComplete { result in
            guard !self.isClosing else { return }
            switch result {
            case .success(let token): self.run(self.machine.enrolsAnew(with: token), context: context)
            case .failure(let error):
                let refusal = StorageRefusal(error)
                house.logger.warning("copy.token.failed", metadata: ["error": "\(error)", "device.id": "\(device)"])
                self.run(self.machine.refused(refusal.reason, retryAfter: refusal.retryAfter), context: context)
            }
        }
    }

    /// Once for each device, until it is decided.
    func tell(_ device: DeviceID, context: ChannelHandlerContext) {
        let (house, address) = (connection.context, connection.address)
        let done = context.eventLoop.makeFutureWithTask { try await house.tellOfCopy(of: device, from: address) }
        done.whenFailure { error in
            house.directory.copyNotStored(device)
            house.logger.warning("copy.not.stored", metadata: ["error": "\(error)", "device.id": "\(device)"])
        }
    }
}

extension GatewayContext {
    fileprivate func tellOfCopy(of device: DeviceID, from address: String) async throws {
        let event = ServerEvent(
            device: device, type: EventType.cloneSuspected, severity: .error,
            text: """
                Two machines come as this device; one of them, at \(address), is refused until it is decided: \
                muster devices split gives it an identity of its own, muster devices same says that it is one device
                """,
            parameters: ["address": .text(address), "reason": .text(CloseReason.cloneSuspected.code)])
        guard let position = try await documents.store.setCopied(device, telling: event, now: now()) else { return }
        events.feed.publish(position: position, count: 1)
    }
}
