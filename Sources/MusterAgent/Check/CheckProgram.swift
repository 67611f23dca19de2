import MusterModel

/// `muster-agent check`, put together: by the running agent where there is one, else by this program as a probe.
package enum CheckProgram {
    /// As before enrolment.
    package static func check(_ given: CheckSubject) async -> CheckReport { await CheckRun(subject: given).report() }

    /// By the state directory. Whatever is wrong with it is the first finding.
    package static func check(stateDirectory: String) async -> CheckReport {
        do throws(AgentError) {
            return try await ControlClient(stateDirectory: stateDirectory).check()
        } catch {
            guard error.code == .notRunning else { return await check(unusable(error)) }
            return await check(stored(stateDirectory))
        }
    }

    private static func unusable(_ error: AgentError) -> CheckSubject {
        CheckSubject(origin: .damaged(error.code, reason: error.reason), servers: [], pins: [])
    }

    /// Holds the lock while it reads, some milliseconds, which a starting agent waits for.
    private static func stored(_ path: String) -> CheckSubject {
        let directory: StateDirectory
        do throws(AgentError) { directory = try StateDirectory(path) } catch { return missing(error) ?? unusable(error) }
        do throws(AgentError) {
            let lock = try StateLock(directory)
            defer { withExtendedLifetime(lock) {} }
            let state = AgentState(try AgentDatabase(directory, mode: .existing))
            return try CheckSubject(state, origin: .stopped(lastSynchronization: state.facts().lastSynchronization))
        } catch {
            return missing(error) ?? SalvagedState.subject(directory, after: error)
        }
    }

    private static func missing(_ error: AgentError) -> CheckSubject? {
        guard error.code == .notEnrolled else { return nil }
        return CheckSubject(origin: .stopped(lastSynchronization: nil), servers: [], pins: [])
    }
}

extension CheckSubject {
    /// - Throws: `stateDamaged`.
    init(_ state: AgentState, origin: Origin) throws(AgentError) {
        self.init(
            origin: origin, servers: try state.servers(), proxy: try state.proxy(), pins: try state.pins(),
            identity: try state.identity())
    }
}
