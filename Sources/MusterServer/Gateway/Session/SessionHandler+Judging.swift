import Logging
import MusterModel
import MusterSession
import MusterWire
import NIOCore

/// Who is it? Judged in memory, at once; only a certificate that is not there is looked at closer, away from the event loop.
extension SessionHandler {
    func judge(_ hello: Muster_V1_Hello, context: ChannelHandlerContext) {
        let house = connection.context
        guard let certificate else { return run(machine.refused(.noCertificate), context: context) }
        self.certificate = nil
        guard house.maySession(from: connection.address) else {
            return run(machine.refused(.busy, retryAfter: GatewayLimits.sourceRetry()), context: context)
        }
        let verdict = house.directory.judge(certificate: certificate, now: house.now())
        if verdict == .unknown {
            examine(certificate, of: hello, context: context)
        } else {
            judged(verdict, hello, context: context)
        }
    }

    private func examine(_ certificate: [UInt8], of hello: Muster_V1_Hello, context: ChannelHandlerContext) {
        let (house, address, session, isProbe) = (connection.context, connection.address, hello.session, hello.reason == .probe)
        let answer = context.eventLoop.makeFutureWithTask {
            try await house.lost.judge(
                certificate, session: session, from: address, isProbe: isProbe, now: house.now())
        }
        answer.assumeIsolated().whenComplete { result in
            guard !self.isClosing else { return }
            switch result {
            case .success(let verdict): self.judged(verdict, hello, context: context)
            case .failure(let error):
                let refusal = StorageRefusal(error)
                house.logger.warning("session.judging.failed", metadata: ["error": "\(error)"])
                self.run(self.machine.refused(refusal.reason, retryAfter: refusal.retryAfter), context: context)
            }
        }
    }

    private func judged(_ verdict: CertificateVerdict, _ hello: Muster_V1_Hello, context: ChannelHandlerContext) {
        switch verdict {
        case .known(let known): open(known, hello, context: context)
        case .refused(.certificateSuperseded, let text, let device?) where hello.reason != .probe:
            let house = connection.context
            let found = house.directory.cameOutdated(device, hello, from: connection.address, now: house.now())
            if let found { return refuse(found, hello, of: device, context: context) }
            connection.refused(device, hello: hello.reason.code)
            run(machine.refused(.certificateSuperseded, text: text), context: context)
        case .refused(let reason, let text, let device):
            if let device, hello.reason != .probe { connection.refused(device, hello: hello.reason.code) }
            run(machine.refused(reason, text: text), context: context)
        case .unknown: run(machine.refused(.unknownCertificate), context: context)
        }
    }

    func open(
        _ known: KnownDevice, _ hello: Muster_V1_Hello, asked: AskedSession? = nil, context: ChannelHandlerContext
    ) {
        let house = connection.context
        let now = house.now()
        if hello.reason == .probe {
            connection.device = known.id
            return run(machine.recognized(house.directory.probed(known, now: now), now: now), context: context)
        }
        let verdict = house.directory.open(
            hello, of: known, from: connection.address, on: context.channel, asked: asked, now: now)
        switch verdict {
        case .opened(let opened): serve(opened, known, hello, context: context)
        case .ask(let other): ask(other, about: known, hello, context: context)
        case .copy(let found): refuse(found, hello, of: known.id, context: context)
        case .refused(let reason):
            connection.refused(known.id, hello: hello.reason.code)
            run(machine.refused(reason), context: context)
        }
    }

    private func serve(
        _ opened: OpenedSession, _ known: KnownDevice, _ hello: Muster_V1_Hello, context: ChannelHandlerContext
    ) {
        let house = connection.context
        var opened = opened
        device = known
        connection.opened(known.id, hello: hello.reason.code)
        frames.allow(FrameLimits.inSession)
        house.counters.sessionOpened()
        house.requests.connected(known.id)
        session = opened.device.session
        opened.device.actions = house.actions.sessionOpened(known.id, cameForRequest: hello.reason == .request)
        if let replaced = opened.replaced, replaced !== context.channel {
            let reason = opened.copy == nil ? CloseReason.replaced : .cloneSuspected
            replaced.pipeline.fireUserInboundEventTriggered(ConnectionOrder.stop(reason, retryAfter: nil))
        }
        run(machine.recognized(opened.device, now: house.now()), context: context)
        if opened.copy?.isNews == true { tell(known.id, context: context) }
    }
}
