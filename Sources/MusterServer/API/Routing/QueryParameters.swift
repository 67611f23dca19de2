import MusterAPI
import MusterModel

/// The query of a request, taken apart once: unknown names, repeated names and damaged escapes are refused with their name.
struct QueryParameters: Sendable {
    private let values: [String: String]

    /// - Parameter query: what follows `?`, as sent; at most what a request head may have (16 KiB).
    init(_ query: String?, known: [String]) throws(Problem) {
        var values: [String: String] = [:]
        var errors: [Problem.FieldError] = []
        for part in (query ?? "").split(separator: "&") {
            let pair = part.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            let shown = String(pair[0].prefix(64))
            guard let name = PercentEscape.undone(pair[0], inQuery: true),
                let value = PercentEscape.undone(pair.count == 2 ? pair[1] : "", inQuery: true)
            else {
                errors.append(.init(field: shown, detail: "It is not escaped properly."))
                continue
            }
            if !known.contains(name) {
                let allowed = known.isEmpty ? "none" : known.joined(separator: ", ")
                errors.append(.init(field: String(name.prefix(64)), detail: "This path has no such parameter.", allowed: allowed))
            } else if values.updateValue(value, forKey: name) != nil {
                errors.append(.init(field: name, detail: "It stands more than once."))
            }
        }
        guard errors.isEmpty else { throw .parameters(errors) }
        self.values = values
    }

    subscript(_ name: String) -> String? { values[name] }

    /// `limit`, 1…1000, 100 unless given.
    func limit() throws(Problem) -> Int {
        guard let text = values["limit"] else { return PageLimit.standard }
        let allowed = PageLimit.allowed
        guard let limit = Int(text), allowed.contains(limit) else {
            throw .parameter(
                "limit", "'\(text.prefix(32))' is not a number of items a page may have.",
                allowed: "\(allowed.lowerBound)…\(allowed.upperBound)")
        }
        return limit
    }

    /// A value that is the text of something; nil when it is not given.
    func value<Value: LosslessStringConvertible>(
        _ name: String, as type: Value.Type = Value.self, expected: String
    ) throws(Problem) -> Value? {
        guard let text = values[name] else { return nil }
        guard let value = Value(text) else { throw .parameter(name, "'\(text.prefix(64))' is not \(expected).") }
        return value
    }

    /// A place in the events: 0 or more.
    func position(_ name: String) throws(Problem) -> Int64? {
        guard let position = try value(name, as: Int64.self, expected: "a position") else { return nil }
        guard position >= 0 else { throw .parameter(name, "A position is 0 or more.") }
        return position
    }

    /// `true` or `false`; false when it is not given.
    func isSet(_ name: String) throws(Problem) -> Bool {
        try value(name, as: Bool.self, expected: "true or false") ?? false
    }
}
