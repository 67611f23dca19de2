package import MusterModel

/// What one step found: how it ended, what was seen, and what to do.
package struct CheckFinding: Codable, Hashable, Sendable {
    package var step: CheckStep
    package var verdict: CheckVerdict
    /// `HOST:PORT`, where the step is about one of several servers.
    package var server: String?
    /// What was found, for programs: a `CloseReason`, an `AgentError.Code`, or a word of `ConnectionCheck`'s.
    package var code: String
    /// What was seen, for people.
    package var text: String
    /// What to do; nil where nothing is to be done.
    package var advice: String?
    package var milliseconds: Double?
    /// What a name was resolved to, or where TCP connected to.
    package var addresses: [String]?
    /// The key the server showed, and those this device trusts.
    package var shown: Fingerprint?
    package var trusted: [Fingerprint]?

    /// To a tenth, for people and JSON alike: what a clock measures has no more to say.
    static func tenths(of milliseconds: Double) -> Double { (milliseconds * 10).rounded() / 10 }

    init(
        _ step: CheckStep, _ verdict: CheckVerdict, _ code: String, _ text: String, advice: String? = nil,
        took: Duration? = nil
    ) {
        self.step = step
        self.verdict = verdict
        self.code = code
        self.text = text
        self.advice = advice
        milliseconds = took.map { Self.tenths(of: $0 / .milliseconds(1)) }
    }
}
