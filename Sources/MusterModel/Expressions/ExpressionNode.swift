/// The parsed form. As deep as the nesting the parser allows, so that walking it is bounded.
indirect enum ExpressionNode: Hashable, Sendable {
    case comparison(DeviceComparison)
    case not(ExpressionNode)
    /// Two or more, as the next.
    case all([ExpressionNode])
    case any([ExpressionNode])

    func holds(for facts: DeviceFacts) -> Bool {
        switch self {
        case .comparison(let comparison): comparison.holds(for: facts)
        case .not(let node): !node.holds(for: facts)
        case .all(let nodes): nodes.allSatisfy { $0.holds(for: facts) }
        case .any(let nodes): nodes.contains { $0.holds(for: facts) }
        }
    }
}
