/// What an **action** asks a device to do now. The numbers travel and are never reused; the code is what tables and people see.
package enum ActionKind: UInt32, CaseIterable, Hashable, Sendable {
    /// Collect everything and synchronize.
    case synchronize = 1
    /// Run a task now; the action's id is the run's.
    case runTask = 2
    /// End a run that was started or waits.
    case stopRun = 3

    /// It is about nothing but the device; runs are ordered and stopped by their tasks and ids.
    package var standsAlone: Bool { self == .synchronize }

    package var code: String { "\(self)" }

    package init?(code: String) {
        guard let kind = Self.allCases.first(where: { $0.code == code }) else { return nil }
        self = kind
    }
}
