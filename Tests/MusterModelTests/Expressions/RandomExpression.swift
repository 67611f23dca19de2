@testable import MusterModel

/// An expression as a test builds it, with a meaning of its own: it knows nothing of how texts are read.
indirect enum RandomExpression {
    case comparison(String)
    case not(RandomExpression)
    case and(RandomExpression, RandomExpression)
    case or(RandomExpression, RandomExpression)

    init(depth: Int, _ random: inout Seeded) {
        switch depth == 0 ? 0 : random.below(4) {
        case 1: self = .not(Self(depth: depth - 1, &random))
        case 2: self = .and(Self(depth: depth - 1, &random), Self(depth: depth - 1, &random))
        case 3: self = .or(Self(depth: depth - 1, &random), Self(depth: depth - 1, &random))
        default: self = .comparison(Self.comparison(&random))
        }
    }

    func holds(for facts: DeviceFacts) throws -> Bool {
        switch self {
        case .comparison(let text): try facts.matches(text)
        case .not(let inner): try !inner.holds(for: facts)
        case .and(let left, let right): try left.holds(for: facts) && right.holds(for: facts)
        case .or(let left, let right): try left.holds(for: facts) || right.holds(for: facts)
        }
    }

    private var binding: Int {
        switch self {
        case .or: 0
        case .and: 1
        case .not: 2
        case .comparison: 3
        }
    }

    /// With parentheses where they are needed, and now and then where they are not.
    func text(_ random: inout Seeded) -> String {
        switch self {
        case .comparison(let text): text
        case .not(let inner): "not " + inner.text(in: self, &random)
        case .and(let left, let right): left.text(in: self, &random) + " and " + right.text(in: self, &random)
        case .or(let left, let right): left.text(in: self, &random) + " or " + right.text(in: self, &random)
        }
    }

    private func text(in outer: Self, _ random: inout Seeded) -> String {
        let isBracketed = binding < outer.binding || random.below(6) == 0
        let inner = text(&random)
        return isBracketed ? "(\(inner))" : inner
    }

    private static func comparison(_ random: inout Seeded) -> String {
        random.oneOf([
            "name = pc1", "name ~ p*", #"name = "and or (""#, "os ~ *bookworm*", "agent-version < 1.3", "address = 10.0.0.0/8",
            "tag = web", "tag != db", "group under /Warsaw", "group = unassigned", "status != ok", "state = overdue",
            "permanent = yes", "since-connection > 3d", "installed-count >= 1000", "installed openssl", "installed openssl < 3",
        ])
    }
}

extension DeviceFacts {
    init(_ random: inout Seeded) {
        self = random.oneOf([.office, .unknown])
        name = random.oneOf(["pc1", "p2", "and or (", ""])
        tags = random.oneOf([[], ["web"], ["db"], ["db", "web"]])
        status = random.oneOf(DeviceStatusLevel.allCases)
        state = random.oneOf(ConnectionState.allCases)
        isPermanent = random.below(2) == 0
        installedCount = random.below(2000)
    }
}
