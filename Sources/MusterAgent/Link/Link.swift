import Logging
import MusterModel
import MusterSession
import MusterWire
import NIOCore

/// The agent's connection to its server, for as long as the agent runs: connects when a synchronization is due, an event waits or someone
/// asks; backs off when that fails. One task owns it; everything else reaches it through its mailbox.
struct Link: Sendable {
    /// A wait that is worth giving memory back for.
    private static let rest = Duration.seconds(30)

    let storage: AgentStorage
    let mailbox: Mailbox<LinkInput>
    let requests: RequestBoard
    let agentVersion: String
    let runID: UInt64
    let bootID: [UInt8]
    let logger: Logger
    let now: @Sendable () -> Timestamp
    let standing = LinkStanding()
    let attempts = AttemptLog()
    /// Has everything on the device looked at anew; `LinkInput.collected` says when.
    let collect: @Sendable () -> Void
    /// Has the connection settings that are on trial tried out.
    let tryOut: @Sendable () -> Void
    let settings: LinkSettings
    let tasks: LinkTasks

    func run() async {
        var course = LinkCourse(reason: .start, dueAt: .now)
        while !course.isStopping {
            while let input = await mailbox.take(within: course.wait(now: .now)) {
                course.heard(input, now: .now)
                if course.isStopping || course.wait(now: .now) == .zero { break }
            }
            guard !course.isStopping else { break }
            guard course.wait(now: .now) == .zero else { continue }
            // Who asked before it connects waits for this connection, not for one more.
            while let input = mailbox.take() { course.heard(input, now: .now) }
            guard !course.isStopping else { break }
            await connect(&course)
            if course.wait(now: .now) >= Self.rest { ProgramPages.giveBack() }
        }
        for input in mailbox.close() { course.heard(input, now: .now) }
        course.answer(.failure(.stopping))
    }

    private func connect(_ course: inout LinkCourse) async {
        var failure: LinkFailure?
        var session: SessionRunner?
        let trial = course.takeTrial()
        attempts.began()
        do {
            (failure, session) = try await synchronize(&course, over: trial)
        } catch {
            failure = error as? LinkFailure ?? LinkFailure(.storageUnavailable, "\(error)")
        }
        standing.ended()
        if session?.machine.summary.isComplete == true { course.wasSynchronized() }
        if let session { await learn(from: session) }
        if let trial, session?.machine.summary.isComplete != true {
            let failure = failure ?? LinkFailure(.closedByPeer, "the synchronization was not completed")
            await reject(trial, failure, attempts: 1)
            attempts.began()
            for input in session?.asked ?? [] { course.heard(input, now: .now) }
            session?.answer(.failure(failure.error))
            return course.again(.retry, now: .now)
        }
        defer { for input in session?.asked ?? [] { course.heard(input, now: .now) } }
        switch failure?.reason {
        // Those who wait, wait for the connection that follows at once.
        case .connectionChanged, .certificateRenewed:
            course.again(failure?.reason == .certificateRenewed ? .renewed : .change, now: .now)
            course.wait(session?.takeWaiting() ?? [])
        case .agentStopping: break
        case .enrolAnew:
            course.wait(session?.takeWaiting() ?? [])
            await enrolAnew(session?.machine.enrolmentToken, &course)
        case nil: await succeeded(session, &course)
        // The server lets a permanent connection go: everything was done, and it says when to come.
        case .permanentConnectionEnded where session?.machine.summary.isComplete == true:
            await succeeded(session, next: failure?.retryAfter, &course)
        case .some:
            if let failure { await failed(failure, &course) }
            if session?.isForgotten == true { course.heard(.connectionRequested(isOneOfMany: false), now: .now) }
        }
        session?.answer(.failure(failure?.error ?? .stopping))
    }

    private func synchronize(
        _ course: inout LinkCourse, over trial: ConnectionSettings?
    ) async throws -> (LinkFailure?, SessionRunner) {
        let began = now()
        let known = try await storage.run { state, _ in try KnownServer(state, over: trial) }
        let channel = try await open(known, course.reason)
        let opening: AgentSession.Opening
        do {
            opening = try await self.opening(course.reason)
        } catch {
            await ServerChannel.discard(channel.frames)
            throw error
        }
        var runner = SessionRunner(
            connection: course.connection, channel: channel, link: self, opening: opening, clockOffset: known.clockOffset,
            began: began, trial: trial, waiting: course.takeWaiting())
        do {
            return (try await run(&runner, on: channel), runner)
        } catch {
            // Not without the runner: it knows who waits for an answer.
            return (LinkFailure(.closedByPeer, "the connection was lost: \(ErrorWords.text(of: error))"), runner)
        }
    }

    private func run(_ runner: inout SessionRunner, on channel: ServerChannel) async throws -> LinkFailure? {
        let (mailbox, connection) = (mailbox, runner.connection)
        return try await channel.frames.executeThenClose { inbound, outbound in
            await withTaskGroup(of: Void.self) { group in
                group.addTask {
                    do {
                        for try await frame in inbound { mailbox.put(.frame(frame, connection: connection)) }
                        mailbox.put(
                            .closed(LinkFailure(.closedByPeer, "the server closed the connection"), connection: connection))
                    } catch {
                        mailbox.put(
                            .closed(
                                LinkFailure(.closedByPeer, "the connection was lost: \(ErrorWords.text(of: error))"),
                                connection: connection))
                    }
                }
                let failure = await runner.run(outbound)
                outbound.finish()
                group.cancelAll()
                return failure
            }
        }
    }

    /// The addresses in order; the first that answers with the right key.
    private func open(_ known: KnownServer, _ reason: Muster_V1_HelloReason) async throws(LinkFailure) -> ServerChannel {
        var last = LinkFailure(.unreachable, "no server address is known")
        for server in known.servers {
            var metadata: Logger.Metadata = ["server": "\(server)", "hello.reason": "\(reason.code)"]
            if let proxy = known.proxy { metadata["proxy"] = "\(proxy)" }
            let trace = ConnectionTrace()
            do throws(LinkFailure) {
                let channel = try await ServerChannel.connect(
                    to: server, through: known.proxy, pins: known.pins, identity: known.identity, trace: trace)
                metadata["address"] = "\(trace.marks.address ?? "")"
                standing.connected(to: server, at: now())
                attempts.reached(server)
                logger.info("connected", metadata: metadata)
                _ = try? await storage.run { state, _ in try state.update { $0.lastServer = server.description } }
                return channel
            } catch {
                last = error
                attempts.failed(error, at: server)
                metadata["close.reason"] = "\(error.reason.code)"
                metadata["text"] = "\(error.text)"
                logger.notice("connection.attempt.failed", metadata: metadata)
            }
        }
        throw last
    }

    private func opening(_ reason: Muster_V1_HelloReason) async throws(AgentError) -> AgentSession.Opening {
        let (agentVersion, runID, bootID, now) = (agentVersion, runID, bootID, now())
        let (applications, runs) = (settings.statistics(), tasks.progress())
        return try await storage.run { state, spool in
            let facts = try state.facts()
            let position = try spool.position()
            var opening = AgentSession.Opening(
                agentVersion: agentVersion, runID: runID, bootID: bootID, reason: reason, session: facts.session,
                requestCounter: facts.requestCounter, events: EventPosition(position),
                reported: try state.reportedDigests(), acknowledged: try state.acknowledgedDigests(),
                held: try state.heldDigests(), serverFeatures: facts.serverFeatures, time: now)
            opening.isPermanent = try state.settings()?.isPermanent ?? false
            opening.statistics = StatisticsReader.read(
                eventsWaiting: position.count, clockOffset: facts.clockOffset, applications: applications, now: now)
            opening.statistics?.runs = runs
            opening.actions = try state.actions()
            opening.outputs = try state.outputsWaiting()
            return opening
        }
    }
}

/// Whom to connect to, and as whom.
private struct KnownServer: Sendable {
    let identity: Identity
    let servers: [ServerAddress]
    let proxy: ProxyAddress?
    let pins: [Fingerprint]
    let clockOffset: Duration

    /// - Parameter trial: in place of the settings in force.
    init(_ state: AgentState, over trial: ConnectionSettings?) throws(AgentError) {
        guard let identity = try state.identity() else {
            throw AgentError(.notEnrolled, "this device is not enrolled (muster-agent enrol …)")
        }
        self.identity = identity
        if let trial {
            (servers, proxy) = (trial.servers, trial.proxy)
        } else {
            (servers, proxy) = (try state.servers(), try state.proxy())
        }
        pins = try state.pins()
        clockOffset = try state.facts().clockOffset ?? .zero
    }
}
