import FoundationEssentials
package import MusterModel

extension ConnectionFile {
    /// Reads a connection file; blocks.
    /// - Throws: `connectionFileInvalid`, with what is wrong in it, never what stands there: it holds a secret.
    package static func read(_ path: String) throws(AgentError) -> ConnectionFile {
        guard let bytes = SystemCall.contents(of: path, limit: maximumBytes + 1) else {
            throw AgentError(.connectionFileInvalid, "the connection file \(path) cannot be read")
        }
        return try parse(bytes, from: path)
    }

    static func parse(_ bytes: [UInt8], from path: String) throws(AgentError) -> ConnectionFile {
        guard bytes.count <= maximumBytes else {
            throw AgentError(.connectionFileInvalid, "\(path) is no connection file: it has more than \(maximumBytes) bytes")
        }
        do {
            return try JSONDecoder().decode(ConnectionFile.self, from: Data(bytes))
        } catch let error as DecodingError {
            throw AgentError(.connectionFileInvalid, "\(path) is no connection file of this version: \(explanation(of: error))")
        } catch {
            throw AgentError(.connectionFileInvalid, "\(path) is no connection file: it is not JSON")
        }
    }

    private static func explanation(of error: DecodingError) -> String {
        func place(_ context: DecodingError.Context) -> String {
            let path = context.codingPath.map(\.stringValue).joined(separator: ".")
            return path.isEmpty ? "it is not JSON" : "\(path): \(context.debugDescription)"
        }
        return switch error {
        case .keyNotFound(let key, _): "'\(key.stringValue)' is missing"
        case .typeMismatch(_, let context), .valueNotFound(_, let context), .dataCorrupted(let context): place(context)
        @unknown default: "it is not understood"
        }
    }
}
