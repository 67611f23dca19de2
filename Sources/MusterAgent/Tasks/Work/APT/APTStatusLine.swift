/// A line that apt writes to its status descriptor: how far it is. What a package or a repository put into it is anything.
enum APTStatusLine: Hashable, Sendable {
    /// In thousandths of the downloads; what is fetched.
    case download(Int, String)
    /// In thousandths of the installing and removing; what is done.
    case package(Int, String)

    /// `dlstatus:NUMBER:PERCENT:TEXT`, `pmstatus:PACKAGE:PERCENT:TEXT`; a package may have colons of its own. Nil for anything else.
    init?(_ line: String) {
        let parts = line.split(separator: ":", omittingEmptySubsequences: false)
        guard parts.count >= 4, let place = parts.indices.dropFirst(2).first(where: { Self.thousandths(parts[$0]) != nil }),
            let share = Self.thousandths(parts[place])
        else { return nil }
        let text = parts[(place + 1)...].joined(separator: ":")
        switch parts[0] {
        case "dlstatus": self = .download(share, text)
        case "pmstatus": self = .package(share, text)
        default: return nil
        }
    }

    /// `12.3456` per cent, with a point whatever the locale says.
    private static func thousandths(_ text: Substring) -> Int? {
        guard let percent = Double(text), (0...100).contains(percent) else { return nil }
        return Int(percent * 10)
    }
}
