import MusterModel

/// `muster-agent check`, put together: by the running agent where there is one, else by this program as a probe.
package enum CheckProgram {
    /// As before enrolment.
    package static func check(_ given: CheckSubject) async -> CheckReport { await CheckRun(subject: given).report() }

    /// For the agent to say anything: it says how it stands from memory and a few reads of its database.
    private static let patience = Duration.seconds(5)

    /// By the state directory. Whatever is wrong with it is the first finding.
    package static func check(stateDirectory: String) async -> CheckReport {
        do throws(AgentError) {
            if try await isSilent(stateDirectory) {
                return await CheckRun(subject: silent(stateDirectory), requests: .silent).report()
            }
            return try await ControlClient(stateDirectory: stateDirectory).check()
        } catch {
            guard error.code == .notRunning else { return await check(unusable(error)) }
            return await check(stored(stateDirectory))
        }
    }

    /// Whether an agent is there that answers nothing: a check may take two minutes, and is not worth waiting for then.
    private static func isSilent(_ path: String) async throws(AgentError) -> Bool {
        do throws(AgentError) {
            _ = try await ControlClient(stateDirectory: path, timeout: patience).status()
            return false
        } catch {
            if error.code == .notRunning { throw error }
            // What else is wrong the check itself says.
            return error.code == .timedOut
        }
    }

    /// Read beside the agent, which has the lock.
    private static func silent(_ path: String) -> CheckSubject {
        do throws(AgentError) {
            return try SalvagedState.subject(StateDirectory(path), besideAgent: .silent)
        } catch {
            return unusable(error)
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
