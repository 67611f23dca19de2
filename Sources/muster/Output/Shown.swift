import MusterAPI
import MusterModel

/// Values as tables show them; what is not known is `-`.
enum Shown {
    static let nothing = "-"

    /// `2026-11-24 14:30:00Z`: UTC, to the second, wherever this runs.
    static func time(_ time: Timestamp?) -> String {
        guard let time else { return nothing }
        let text = time.description
        return text.prefix(10) + " " + text.dropFirst(11).prefix(8) + "Z"
    }

    static func text(_ text: String?) -> String { text.flatMap { $0.isEmpty ? nil : $0 } ?? nothing }

    /// `krk-pc-07 (4f1c…)`: a name alone would not tell it from another; the id alone where there is none.
    static func named(_ name: String?, _ id: some CustomStringConvertible) -> String { name.map { "\($0) (\(id))" } ?? "\(id)" }

    /// `12.3 MiB`.
    static func size(_ bytes: UInt64?) -> String {
        guard let bytes else { return nothing }
        guard bytes >= 1024 else { return "\(bytes) B" }
        var value = Double(bytes)
        var unit = ""
        for next in ["KiB", "MiB", "GiB", "TiB", "PiB", "EiB"] where value >= 1024 {
            value /= 1024
            unit = next
        }
        let tenths = Int((value * 10).rounded())
        return "\(tenths / 10).\(tenths % 10) \(unit)"
    }

    /// As the box in the console: *Do not disconnect from the Administration Server*.
    static func permanentConnection(_ connection: PermanentConnection) -> String {
        switch connection.state {
        case .off: "no"
        case .waiting:
            "yes, waiting for synchronization"
                + (connection.expected.map { ", expected \(time($0))" } ?? ", whenever the device comes")
        case .inForce: "yes, in force"
        case .lost: "yes, not connected now"
        }
    }

    /// `ticked 290 · connected 262 · limit 300`.
    static func permanentConnections(_ use: PermanentConnectionUse) -> String {
        "ticked \(use.ticked) · connected \(use.connected) · limit \(use.limit)"
    }

    static func yesNo(_ value: Bool) -> String { value ? "yes" : "no" }
}
