import Foundation

/// How a command ended, and what it said.
package struct CommandResult: Sendable {
    /// Its exit code, or 128 and the number of the signal that ended it.
    package var status: Int32
    package var output: String
    package var error: String

    /// - Throws: what it said, unless it did what it was asked.
    @discardableResult
    package func succeeded() throws -> Self {
        guard status == 0 else { throw FixtureError(description: "exit status \(status): \(error)\(output)") }
        return self
    }

    /// Its output as JSON: an array of objects.
    package func objects() throws -> [[String: Any]] {
        guard let objects = try json() as? [[String: Any]] else {
            throw FixtureError(description: "not an array of JSON objects: \(output.prefix(500))")
        }
        return objects
    }

    /// Its output as one JSON object.
    package func object() throws -> [String: Any] {
        guard let object = try json() as? [String: Any] else {
            throw FixtureError(description: "not a JSON object: \(output.prefix(500))")
        }
        return object
    }

    private func json() throws -> Any {
        do { return try JSONSerialization.jsonObject(with: Data(output.utf8)) } catch {
            throw FixtureError(description: "exit status \(status), no JSON: \(output.prefix(500))\(self.error)")
        }
    }
}
