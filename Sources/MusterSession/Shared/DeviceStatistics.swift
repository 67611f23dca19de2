import FoundationEssentials
package import MusterModel
import MusterWire

/// Numbers that change by themselves, by application: never in a document, the last value counts.
package struct DeviceStatistics: Hashable, Sendable {
    /// Applications, and values of each, that one message may carry: more than one device has. 64 watched units with two values each, and
    /// names of 40 bytes, take 7 KiB of a frame's 16.
    package static let maximumApplications = 64
    package static let maximumValues = 128
    /// Sent by themselves no more often.
    package static let shortestPeriod = Duration.seconds(10)
    /// More than a device runs at once.
    package static let maximumRuns = 16
    /// Bytes of a name.
    static let maximumName = 64

    /// The device's clock.
    package var collected: Timestamp
    package var applications: [String: [String: Int64]]
    /// Of the runs under way.
    package var runs: [RunProgress]

    package init(collected: Timestamp, applications: [String: [String: Int64]], runs: [RunProgress] = []) {
        self.collected = collected
        self.applications = applications
        self.runs = runs
    }

    /// - Throws: `malformedFrame` for more than is allowed.
    init(_ message: Muster_V1_Statistics) throws(WireError) {
        guard message.applications.count <= Self.maximumApplications,
            message.applications.allSatisfy({ application in
                Self.isName(application.application) && application.values.count <= Self.maximumValues
                    && application.values.keys.allSatisfy(Self.isName)
            }), message.runs.count <= Self.maximumRuns, message.runs.allSatisfy({ $0.step.utf8.count <= RunProgress.maximumStep })
        else { throw .malformedFrame("statistics with too many names, or too long ones") }
        collected = Timestamp(milliseconds: message.collected)
        applications = Dictionary(message.applications.map { ($0.application, $0.values) }) { _, last in last }
        runs = message.runs.compactMap { run in
            RunID(bytes: Array(run.run)).map {
                RunProgress(run: $0, share: run.share == 0 ? nil : Int(clamping: run.share) - 1, step: run.step)
            }
        }
    }

    /// Letters and digits, and what else may stand in the name of a systemd unit.
    package static func isName(_ text: String) -> Bool {
        (1...maximumName).contains(text.utf8.count)
            && text.utf8.allSatisfy { $0.isASCIILetterOrDigit || "-./:_@\\".utf8.contains($0) }
    }

    var message: Muster_V1_Statistics {
        var message = Muster_V1_Statistics()
        message.collected = collected.milliseconds
        message.applications = applications.sorted { $0.key < $1.key }.map { name, values in
            var application = Muster_V1_ApplicationStatistics()
            application.application = name
            application.values = values
            return application
        }
        message.runs = runs.prefix(Self.maximumRuns).map { progress in
            var run = Muster_V1_RunProgress()
            run.run = .init(progress.run.bytes)
            run.share = progress.share.map { UInt32(clamping: $0 + 1) } ?? 0
            run.step = progress.step
            return run
        }
        return message
    }
}
