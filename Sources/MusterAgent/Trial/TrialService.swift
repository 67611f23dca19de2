import Logging
import MusterModel

/// Runs the trials of connection settings: probes the server over them, beside whatever connection is open, and has the link use them when
/// it answered, or gives them up and says so.
struct TrialService: Sendable {
    let storage: AgentStorage
    let mailbox: Mailbox<LinkInput>
    let wakes: AsyncStream<Void>
    let logger: Logger
    let now: @Sendable () -> Timestamp
    let giveUp: @Sendable (ConnectionSettings, LinkFailure, _ attempts: Int) async -> Void

    func run() async {
        for await _ in wakes { await tryOut() }
    }

    private func tryOut() async {
        guard let settings = try? await storage.run({ state, _ in try state.trial() }) else { return }
        var trial = ConnectionTrial(settings, now: .now)
        while !Task.isCancelled {
            guard let failure = await probe(settings) else {
                mailbox.put(.trialSucceeded(settings))
                return
            }
            logger.notice(
                "trial.failed", metadata: ["close.reason": "\(failure.reason.code)", "text": "\(failure.text)"])
            switch trial.failed(now: .now) {
            case .again(let time):
                guard (try? await Task.sleep(for: time)) != nil else { return }
                // Others may have come meanwhile.
                guard (try? await storage.run({ state, _ in try state.trial() })) == settings else { return }
            case .giveUp: return await giveUp(settings, failure, trial.failures)
            }
        }
    }

    /// - Returns: nil when the server would serve this device; else why not, of the address tried last.
    private func probe(_ settings: ConnectionSettings) async -> LinkFailure? {
        do {
            let (identity, pins) = try await storage.run { state, _ in (try state.identity(), try state.pins()) }
            guard let identity else { return LinkFailure(.unknownCertificate, "this device is not enrolled") }
            var last = LinkFailure(.unreachable, "no server address is known")
            for server in settings.servers {
                do throws(LinkFailure) {
                    let channel = try await ServerChannel.connect(
                        to: server, through: settings.proxy, pins: pins, identity: identity)
                    _ = try await AuthorizationProbe(channel: channel, now: now).ask()
                    return nil
                } catch {
                    last = error
                }
            }
            return last
        } catch {
            return LinkFailure(.storageUnavailable, "\(error)")
        }
    }
}
