/// The smallest question to a device, with the answer its facts give.
enum DeviceComparison: Hashable, Sendable {
    case field(DeviceField, ExpressionOperator, ExpressionOperand)
    case installed(InstalledCondition)

    var field: DeviceField {
        switch self {
        case .field(let field, _, _): field
        case .installed: .installed
        }
    }

    func holds(for facts: DeviceFacts) -> Bool {
        switch self {
        case .installed(let condition): facts.installed.contains(condition)
        case .field(let field, let `operator`, let operand): operand.holds(`operator`, field, of: facts)
        }
    }
}

extension ExpressionOperand {
    fileprivate func holds(_ operator: ExpressionOperator, _ field: DeviceField, of facts: DeviceFacts) -> Bool {
        switch self {
        case .text(let text): `operator`.holds(facts.texts(of: field).contains { $0.withASCIILowerCase == text })
        case .pattern(let pattern): facts.texts(of: field).contains { pattern.matches($0) }
        case .version(let version): Self.compare(facts.agentVersion ?? "", `operator`, version)
        case .network(let network): `operator`.holds(facts.addresses.contains { network.contains($0) })
        case .group(let path) where `operator` == .under:
            path.flatMap { path in facts.group.map { $0.isUnder(path) } } ?? false
        case .group(let path): `operator`.holds(facts.group == path)
        case .choice(let code): `operator`.holds(facts.choice(of: field) == code)
        case .duration(let duration): Self.compare(facts.duration(since: field), `operator`, duration)
        case .number(let number): `operator`.holds(facts.installedCount, number)
        }
    }

    /// A version that is not known is neither older nor newer than any.
    private static func compare(_ fact: String, _ operator: ExpressionOperator, _ version: String) -> Bool {
        guard !fact.isEmpty, !version.isEmpty else {
            return ExpressionOperator.equality.contains(`operator`) && `operator`.holds(fact == version)
        }
        return `operator`.holds(DebianVersion(fact), DebianVersion(version))
    }

    /// Never is longer ago than anything.
    private static func compare(_ fact: Duration?, _ operator: ExpressionOperator, _ duration: Duration) -> Bool {
        guard let fact else { return `operator` == .greater || `operator` == .greaterOrEqual }
        return `operator`.holds(fact, duration)
    }
}
