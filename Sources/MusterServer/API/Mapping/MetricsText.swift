/// The Prometheus text format, version 0.0.4: one line a sample, with its help and kind before.
struct MetricsText {
    static let contentType = "text/plain; version=0.0.4; charset=utf-8"

    private(set) var text = ""

    enum Kind: String { case counter, gauge }

    mutating func add(_ name: String, _ kind: Kind, _ help: String, _ value: some CustomStringConvertible) {
        add(name, kind, help, label: nil, [("", value)])
    }

    /// Label values here are codes of ours: nothing in them needs escaping.
    mutating func add(
        _ name: String, _ kind: Kind, _ help: String, label: String?, _ samples: [(String, any CustomStringConvertible)]
    ) {
        text += "# HELP \(name) \(help)\n# TYPE \(name) \(kind.rawValue)\n"
        for (labelValue, value) in samples {
            text += name + (label.map { "{\($0)=\"\(labelValue)\"}" } ?? "") + " \(value)\n"
        }
    }
}
