import MusterModel
import Testing

@Suite("Connection state: codes and words")
struct ConnectionStateTests {
    @Test("codes stay, and are their own words with spaces")
    func codes() {
        #expect(
            ConnectionState.allCases.map(\.code) == [
                "connected", "on-schedule", "shut-down", "rebooting", "suspended", "agent-stopped", "overdue", "refused",
                "never-connected",
            ])
        for state in ConnectionState.allCases { #expect(ConnectionState(code: state.code) == state) }
        #expect(ConnectionState.onSchedule.words == "on schedule" && ConnectionState(code: "offline") == nil)
    }

    @Test("what a device says has a number, a code and a state")
    func notices() {
        #expect(AbsenceNotice.Kind.allCases.map(\.rawValue) == [1, 2, 3, 4])
        #expect(AbsenceNotice.Kind.allCases.map(\.code) == ["power-off", "reboot", "suspend", "agent-stopped"])
        for kind in AbsenceNotice.Kind.allCases { #expect(AbsenceNotice.Kind(code: kind.code) == kind) }
        #expect(
            AbsenceNotice.Kind.allCases.map(ConnectionState.init) == [.shutDown, .rebooting, .suspended, .agentStopped])
    }

    @Test("each close reason has words, and no two the same")
    func words() {
        for reason in CloseReason.allCases { #expect(reason.words != reason.code, "\(reason.code)") }
        #expect(Set(CloseReason.allCases.map(\.words)).count == CloseReason.allCases.count)
    }
}
