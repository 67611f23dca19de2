/// `POST /devices/{id}/connection-request`: what came of asking the device to connect now.
package struct ConnectionRequestEntry: Codable, Sendable, Hashable {
    /// `connected`, `no-answer`, `already-connected`, `not-listening`, `port-unknown`, `address-unknown`, `too-many`, `not-sent`,
    /// `unknown-device`; a reader keeps others as they are.
    package var outcome: String
    /// From the first copy to the beginning of the session; with `connected` only.
    package var afterSeconds: Double?
    /// English; with `not-sent` only.
    package var detail: String?

    package init(outcome: String, afterSeconds: Double? = nil, detail: String? = nil) {
        self.outcome = outcome
        self.afterSeconds = afterSeconds
        self.detail = detail
    }
}
