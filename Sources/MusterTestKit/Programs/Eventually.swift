import Foundation

/// Waits until something is so.
/// - Parameters:
///   - what: what should become true, as the failure says it.
///   - state: what to say of how it is instead, when the time is over.
/// - Throws: when it is not so in time, or when what is asked kept failing.
package func eventually(
    _ what: String, within bound: Duration = .seconds(180), state: (() async throws -> String)? = nil,
    _ isSo: () async throws -> Bool
) async throws {
    do {
        _ = try await eventual(what, within: bound) { try await isSo() ? true : nil }
    } catch {
        guard let state else { throw error }
        throw FixtureError(description: "\(error); it is: \(try await state())")
    }
}

/// Waits until there is something, and gives it.
package func eventual<Value>(
    _ what: String, within bound: Duration = .seconds(180), _ find: () async throws -> Value?
) async throws -> Value {
    let deadline = ContinuousClock.now + bound
    var last = ""
    repeat {
        do {
            if let value = try await find() { return value }
            last = ""
        } catch {
            last = "; at last: \(error)"
        }
        try await Task.sleep(for: .milliseconds(50))
    } while ContinuousClock.now < deadline
    throw FixtureError(description: "not within \(bound): \(what)\(last)")
}
