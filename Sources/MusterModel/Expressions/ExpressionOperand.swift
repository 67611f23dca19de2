/// A value as its field understands it, read once when the expression is.
enum ExpressionOperand: Hashable, Sendable {
    /// In ASCII lower case.
    case text(String)
    case pattern(TextPattern)
    case version(String)
    case network(AddressNetwork)
    /// Nil: unassigned.
    case group(GroupPath?)
    case choice(String)
    case duration(Duration)
    case number(Int)

    /// Nil when it is no value for that field and operator.
    init?(_ text: String, of field: DeviceField, _ operator: ExpressionOperator) {
        if `operator` == .matches { self = .pattern(TextPattern(text)); return }
        let operand: Self? =
            switch field.kind {
            case .text, .set: .text(text.withASCIILowerCase)
            case .version: .version(text)
            case .address: AddressNetwork(text).map { .network($0) }
            case .group: Self.group(text, `operator`)
            case .choice(let codes): codes.contains(text) ? .choice(text) : nil
            case .yesOrNo: Self.yesOrNo(text)
            case .duration: Duration(text: text).map { .duration($0) }
            case .number: Self.number(text)
            case .installed: nil
            }
        guard let operand else { return nil }
        self = operand
    }

    private static func group(_ text: String, _ operator: ExpressionOperator) -> Self? {
        if text == DeviceField.unassigned { return `operator` == .under ? nil : .group(nil) }
        return GroupPath(text).map { .group($0) }
    }

    private static func yesOrNo(_ text: String) -> Self? {
        switch text {
        case DeviceField.yes, "on", "true": .choice(DeviceField.yes)
        case DeviceField.no, "off", "false": .choice(DeviceField.no)
        default: nil
        }
    }

    /// As many digits as surely fit.
    private static func number(_ text: String) -> Self? {
        guard (1...18).contains(text.utf8.count), text.utf8.allSatisfy(\.isASCIIDigit) else { return nil }
        return Int(text).map { .number($0) }
    }
}

extension DeviceField {
    /// What its values look like, for people who wrote another.
    func expectedValue(_ operator: ExpressionOperator) -> String {
        switch kind {
        case .text, .set, .version, .installed: "a text"
        case .address: "an address or a network, such as 10.0.0.0/8 or 2001:db8::/32 (or, after ~, with a pattern: 10.1.*)"
        case .group where `operator` == .under: "the path of a group, such as /Warsaw/Office"
        case .group: "the path of a group, such as /Warsaw/Office, or \(Self.unassigned)"
        case .choice(let codes): codes.joined(separator: ", ")
        case .yesOrNo: "\(Self.yes), \(Self.no)"
        case .duration: "a duration, such as 3d or 1h30m (days, hours, minutes, seconds; at most 100 years)"
        case .number: "a number"
        }
    }
}
