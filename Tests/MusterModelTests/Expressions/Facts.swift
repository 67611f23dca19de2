@testable import MusterModel

extension DeviceFacts {
    /// Tagged and in a group, seen two hours ago, with something known of everything.
    static let office: DeviceFacts = {
        var facts = DeviceFacts(name: "PC1", now: Timestamp(milliseconds: 1_795_530_600_000))
        facts.hostName = "pc1.example.com"
        facts.operatingSystem = "Debian GNU/Linux 12 (bookworm)"
        facts.agentVersion = "1.2.0"
        facts.addresses = ["10.1.2.3", "2001:db8:1::5"]
        facts.tags = ["web", "Warsaw-2"]
        facts.group = GroupPath("/Warsaw/Office")
        facts.status = .warning
        facts.state = .onSchedule
        facts.isPermanent = true
        facts.lastConnection = facts.now - .hours(2)
        facts.lastSynchronization = facts.now - .days(3)
        facts.enrolled = facts.now - .days(100)
        facts.installedCount = 1500
        facts.installed = [
            InstalledCondition(name: "openssl"),
            InstalledCondition(name: "openssl", comparison: VersionComparison(.less, "3.0.17-1~deb12u2")),
            InstalledCondition(name: "libstdc++6", comparison: VersionComparison(.greaterOrEqual, "12")),
        ]
        return facts
    }()

    /// Just enrolled, as far as anybody knows.
    static let unknown = DeviceFacts(name: "new", now: office.now)

    func matches(_ text: String) throws -> Bool { try DeviceExpression(text).matches(self) }
}

/// What the text is refused with; nil when it is an expression.
func refusal(_ text: String) -> ExpressionError? {
    do throws(ExpressionError) {
        _ = try DeviceExpression(text)
        return nil
    } catch {
        return error
    }
}
