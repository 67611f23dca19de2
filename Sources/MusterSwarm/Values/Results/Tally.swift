package import MusterModel

/// What one event loop counted; those of all loops are added up.
package struct Tally: Codable, Hashable, Sendable {
    /// TCP connections that were begun.
    package var connections = 0
    package var enrolments = 0
    /// Enrolments the server put off: it paces them, and said when to come back.
    package var enrolmentsPutOff = 0
    /// Complete ones.
    package var synchronizations = 0
    /// Of those, the ones in which no document and no event moved.
    package var unchanged = 0
    /// Permanent connections: those that came to rest after their first synchronization.
    package var permanentConnections = 0
    /// Of those, the ones of devices that had one before.
    package var permanentReturns = 0
    package var actionsAccepted = 0
    /// Those whose end the server has stored.
    package var actionsDone = 0
    /// Connection requests that came, and those that passed the device's gate; copies are among the first alone.
    package var requestsReceived = 0
    package var requestsAccepted = 0
    package var noticesSent = 0
    package var documentsSent = 0
    package var documentBytesSent = 0
    package var documentsReceived = 0
    package var eventsRaised = 0
    package var eventsAcknowledged = 0
    /// Not raised, because the device's spool was full.
    package var eventsDropped = 0
    /// TCP payload, TLS included.
    package var bytesSent = 0
    package var bytesReceived = 0
    package var errors: [CloseReason: Int] = [:]
    /// The text of the first error of each reason.
    package var errorTexts: [CloseReason: String] = [:]
    /// TCP connect to Done, of synchronizations that did not come for events (those wait for more).
    package var synchronizationTime = Histogram()
    /// Raised to acknowledged as durable.
    package var eventTime = Histogram()
    /// From accepting an action to the server's word that its end is stored.
    package var actionTime = Histogram()
    /// From an accepted connection request to Done.
    package var requestTime = Histogram()

    package init() {}

    package mutating func failed(_ reason: CloseReason, _ text: String) {
        errors[reason, default: 0] += 1
        if errorTexts[reason] == nil { errorTexts[reason] = text }
    }

    package mutating func merge(_ other: Tally) {
        connections += other.connections
        enrolments += other.enrolments
        enrolmentsPutOff += other.enrolmentsPutOff
        synchronizations += other.synchronizations
        unchanged += other.unchanged
        permanentConnections += other.permanentConnections
        permanentReturns += other.permanentReturns
        actionsAccepted += other.actionsAccepted
        actionsDone += other.actionsDone
        requestsReceived += other.requestsReceived
        requestsAccepted += other.requestsAccepted
        noticesSent += other.noticesSent
        documentsSent += other.documentsSent
        documentBytesSent += other.documentBytesSent
        documentsReceived += other.documentsReceived
        eventsRaised += other.eventsRaised
        eventsAcknowledged += other.eventsAcknowledged
        eventsDropped += other.eventsDropped
        bytesSent += other.bytesSent
        bytesReceived += other.bytesReceived
        errors.merge(other.errors, uniquingKeysWith: +)
        errorTexts.merge(other.errorTexts, uniquingKeysWith: { first, _ in first })
        synchronizationTime.merge(other.synchronizationTime)
        eventTime.merge(other.eventTime)
        actionTime.merge(other.actionTime)
        requestTime.merge(other.requestTime)
    }
}
