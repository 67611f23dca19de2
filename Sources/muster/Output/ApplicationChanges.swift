import MusterAPI
import MusterModel

/// What is new of managed applications from one look to the next. A value; who looks prints it.
struct ApplicationChanges {
    struct Change: Sendable, Hashable {
        let application: String
        /// As it is now; nil: the device does not report it any more.
        let entry: DeviceApplicationEntry?
        /// What differs, in words: `running`, `version 1.0.7`, `queue 3`.
        let words: [String]

        private struct Gone: Encodable {
            let application: String
            let isReported = false
        }

        var json: String {
            get throws {
                if let entry { return try ListPrinter<DeviceApplicationEntry>.json(entry) }
                return try ListPrinter<DeviceApplicationEntry>.json(Gone(application: application))
            }
        }

        /// `clamav: running · version 1.0.7 · queue 3`; more than fits a terminal's line goes on in another that says whose it is.
        var lines: [String] {
            var lines: [String] = []
            for word in words {
                if let last = lines.last, last.count + word.count + 3 <= Self.longest {
                    lines[lines.count - 1] = "\(last) · \(word)"
                } else {
                    lines.append("\(application): \(word)")
                }
            }
            return lines
        }

        /// With the time before it, a terminal of 120.
        private static let longest = 96
    }

    private var said: [String: DeviceApplicationEntry] = [:]

    /// - Returns: one for each application that is new, different or gone.
    mutating func seen(_ applications: [DeviceApplicationEntry]) -> [Change] {
        let now = Dictionary(applications.map { ($0.application, $0) }) { first, _ in first }
        var changes = applications.compactMap { entry -> Change? in
            guard said[entry.application] != entry else { return nil }
            return Change(
                application: entry.application, entry: entry, words: Self.words(from: said[entry.application], to: entry))
        }
        for gone in said.keys.filter({ now[$0] == nil }).sorted() {
            changes.append(Change(application: gone, entry: nil, words: ["not reported any more"]))
        }
        said = now
        return changes
    }

    /// One thing that is said of an application.
    private struct Member: Hashable {
        enum Kind { case state, fact, statistic }
        let kind: Kind
        let name: String
        let value: String

        /// The state speaks for itself.
        var words: String { name.isEmpty ? value : "\(name) \(value)" }

        func isSameThing(as other: Member) -> Bool { (kind, name) == (other.kind, other.name) }
    }

    private static func words(from old: DeviceApplicationEntry?, to new: DeviceApplicationEntry) -> [String] {
        let (before, now) = (old.map(members) ?? [], members(new))
        let known = Set(before)
        let gone = before.filter { member in !now.contains { $0.isSameThing(as: member) } }
        return now.filter { !known.contains($0) }.map(\.words) + gone.map { "\($0.name) none" }
    }

    private static func members(_ entry: DeviceApplicationEntry) -> [Member] {
        let state = [
            ("", entry.state), ("version", entry.version ?? ""), ("settings", entry.delivery ?? ""), ("remarks:", entry.remarks),
        ]
        return state.filter { !$0.1.isEmpty }.map { Member(kind: .state, name: $0.0, value: $0.1) }
            + entry.facts.map { Member(kind: .fact, name: $0.name, value: $0.text) }
            + entry.numbers.map { Member(kind: .statistic, name: $0.name, value: $0.value) }
    }
}

extension DeviceApplicationEntry {
    /// Its statistics in order.
    var numbers: [(name: String, value: String)] {
        (statistics ?? [:]).sorted { $0.key < $1.key }.map { ($0.key, String($0.value)) }
    }

    /// Rows of whose, of what, and what: facts, then statistics.
    var details: [[String]] {
        facts.map { [application, $0.name, $0.text] } + numbers.map { [application, $0.name, $0.value] }
    }
}
