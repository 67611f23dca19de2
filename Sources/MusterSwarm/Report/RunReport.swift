import FoundationEssentials
import MusterModel

/// What `muster-swarm run` prints; the JSON's names are what scripts rely on.
package struct RunReport: Codable, Sendable {
    package var valid: Bool
    package var problems: [String]
    package var devices: Int
    package var enrolled: Int
    package var enrolledNow: Int
    package var enrolmentsPutOff: Int
    package var durationSeconds: Double
    package var connections: Int
    package var synchronizations: Int
    package var synchronizationsUnchanged: Int
    package var synchronizationsPerSecond: Double
    package var devicesSynchronized: Int
    package var synchronizationTime: TimeReport
    package var eventsRaised: Int
    package var eventsAcknowledged: Int
    package var eventsPerSecond: Double
    package var eventTime: TimeReport
    /// Permanent connections: open at the end, and how often a device made one anew in the measured time.
    package var permanentConnections: Int
    package var permanentReturns: Int
    package var actionsAccepted: Int
    package var actionsDone: Int
    /// From accepting an action to its end being stored at the server.
    package var actionTime: TimeReport
    /// Connection requests that came, copies among them, and those that a device connected for.
    package var requestsReceived: Int
    package var requestsAccepted: Int
    /// From such a request to Done.
    package var requestTime: TimeReport
    package var noticesSent: Int
    package var bytesSent: Int
    package var bytesReceived: Int
    /// Before the measured time, whole documents for the most part.
    package var firstDocuments: Int
    package var firstDocumentBytes: Int
    package var errors: [String: Int]

    package init(_ result: RunResult) {
        let (before, measured) = (result.before, result.measured)
        valid = result.isValid
        problems = result.problems
        devices = result.options.devices
        enrolled = result.enrolled
        enrolledNow = before.enrolments + measured.enrolments
        enrolmentsPutOff = before.enrolmentsPutOff + measured.enrolmentsPutOff
        durationSeconds = result.seconds
        connections = measured.connections
        synchronizations = measured.synchronizations
        synchronizationsUnchanged = measured.unchanged
        synchronizationsPerSecond = result.synchronizationsPerSecond
        devicesSynchronized = result.synchronized
        synchronizationTime = TimeReport(measured.synchronizationTime)
        eventsRaised = measured.eventsRaised
        eventsAcknowledged = measured.eventsAcknowledged
        eventsPerSecond = result.eventsPerSecond
        eventTime = TimeReport(measured.eventTime)
        permanentConnections = result.permanent
        permanentReturns = measured.permanentReturns
        actionsAccepted = measured.actionsAccepted
        actionsDone = measured.actionsDone
        actionTime = TimeReport(measured.actionTime)
        requestsReceived = measured.requestsReceived
        requestsAccepted = measured.requestsAccepted
        requestTime = TimeReport(measured.requestTime)
        noticesSent = measured.noticesSent
        bytesSent = measured.bytesSent
        bytesReceived = measured.bytesReceived
        firstDocuments = before.documentsSent
        firstDocumentBytes = before.documentBytesSent
        errors = Dictionary(uniqueKeysWithValues: result.errors.map { ($0.key.code, $0.value) })
    }

    package var table: String {
        var rows = [
            ("devices", "\(devices), \(enrolled) enrolled (\(enrolledNow) now, put off \(enrolmentsPutOff) times)"),
            ("measured", "\(durationSeconds.text) s, \(connections) connections"),
            (
                "synchronizations",
                "\(synchronizations) (\(synchronizationsPerSecond.text) a second), \(synchronizationsUnchanged) without change"
            ),
            ("devices synchronized", "\(devicesSynchronized)"),
            ("connect to Done", synchronizationTime.text),
            ("events", "\(eventsRaised) raised (\(eventsPerSecond.text) a second), \(eventsAcknowledged) durable"),
            ("raised to durable", eventTime.text),
            ("permanent connections", "\(permanentConnections) open, made anew \(permanentReturns) times"),
            ("actions", "\(actionsAccepted) accepted, \(actionsDone) done and stored"),
            ("accepted to stored", actionTime.text),
            ("connection requests", "\(requestsReceived) received, \(requestsAccepted) accepted"),
            ("accepted to Done", requestTime.text),
            ("shutdown notices", "\(noticesSent) sent"),
            ("TCP payload", "\(bytesSent) bytes sent, \(bytesReceived) received"),
            ("first documents", "\(firstDocuments), \(firstDocumentBytes) bytes as they travelled"),
            (
                "errors",
                errors.isEmpty
                    ? "none" : errors.sorted { $0.key < $1.key }.map { "\($0.value) × \($0.key)" }.joined(separator: ", ")
            ),
        ]
        rows.append(("valid", valid ? "yes" : "no: " + problems.joined(separator: "; ")))
        return Rows.text(rows)
    }
}
