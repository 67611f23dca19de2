/// The body of a request that changes something. A member that is not in `members` is refused with its name,
/// so a misspelt one is never taken for "not set".
package protocol ChangeRequest: Codable, Sendable {
    static var members: [String] { get }
}
