import ArgumentParser
import MusterModel

extension Severity: ExpressibleByArgument {
    package init?(argument: String) { self.init(code: argument) }
    package static var allValueStrings: [String] { allCases.map(\.code) }
}

extension ConnectionState: ExpressibleByArgument {
    package init?(argument: String) { self.init(code: argument) }
    package static var allValueStrings: [String] { allCases.map(\.code) }
}

extension Role: ExpressibleByArgument {}

extension DeviceReach: ExpressibleByArgument {}

extension ProxyAddress: ExpressibleByArgument {}

/// A duration as people write it: `15m`, `14d`, `1h30m`.
struct DurationArgument: ExpressibleByArgument, CustomStringConvertible, Sendable {
    let duration: Duration

    init?(argument: String) {
        guard let duration = Duration(text: argument) else { return nil }
        self.duration = duration
    }

    init(_ duration: Duration) { self.duration = duration }

    /// Says how one is written.
    @Sendable static func typed(_ argument: String) throws -> DurationArgument {
        guard let duration = DurationArgument(argument: argument) else {
            throw ValidationError("It is to be a duration, as 90s, 15m, 1h30m or 7d.")
        }
        return duration
    }

    var description: String { duration.text }
    var defaultValueDescription: String { duration.text }
    var seconds: Int64 { duration.components.seconds }
}

/// A time: `2026-11-24T14:30:00Z`, `2026-11-24`, or how long ago: `2h`.
struct SinceArgument: ExpressibleByArgument, Sendable, Equatable {
    enum Value: Equatable { case time(Timestamp), ago(Duration) }

    let value: Value

    init?(argument: String) {
        if let duration = Duration(text: argument) {
            value = .ago(duration)
        } else if let time = Timestamp(argument.replacing(" ", with: "T")) ?? Timestamp(argument + "T00:00:00Z") {
            value = .time(time)
        } else {
            return nil
        }
    }

    func time(now: Timestamp) -> Timestamp {
        switch value {
        case .time(let time): time
        case .ago(let duration): now - duration
        }
    }
}

/// How many items a list gives at most; without it, all.
struct LimitOption: ParsableArguments {
    @Option(name: .long, help: "At most this many.")
    var limit: Int?

    func validate() throws {
        if let limit, limit < 1 { throw ValidationError("--limit must be 1 or more.") }
    }
}
