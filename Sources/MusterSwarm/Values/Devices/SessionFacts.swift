package import MusterModel
import MusterSession
import MusterWire

/// What a simulated device knows of itself and its server between sessions.
package struct SessionFacts: Hashable, Sendable {
    /// Drawn anew each run, as by an agent that starts.
    package var runID: UInt64
    package var session: UInt64 = 0
    package var reported: [DocumentName: Digest]
    package var acknowledged: [DocumentName: Digest]
    package var held: [DocumentName: Digest]
    var serverFeatures = FeatureSet.own

    package init(
        runID: UInt64, reported: [DocumentName: Digest], acknowledged: [DocumentName: Digest] = [:],
        held: [DocumentName: Digest] = [:]
    ) {
        self.runID = runID
        self.reported = reported
        self.acknowledged = acknowledged
        self.held = held
    }
}
