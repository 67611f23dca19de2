import FoundationEssentials
import Glibc
import MusterModel

extension ConnectionFile {
    /// - Throws: `Failure`: what is wrong with the file. The token in it is in no error.
    init(readFrom path: String) throws {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY)
        guard descriptor >= 0 else {
            throw Failure(reason: "cannot read the connection file \(path): \(Terminal.text(of: errno))")
        }
        defer { close(descriptor) }
        var bytes: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 4096)
        while bytes.count <= Self.maximumBytes {
            let count = Glibc.read(descriptor, &buffer, buffer.count)
            if count < 0, errno == EINTR { continue }
            guard count >= 0 else {
                throw Failure(reason: "cannot read the connection file \(path): \(Terminal.text(of: errno))")
            }
            if count == 0 { break }
            bytes += buffer[..<count]
        }
        guard bytes.count <= Self.maximumBytes else {
            throw Failure(reason: "\(path) is no connection file: over \(Self.maximumBytes) bytes")
        }
        do {
            self = try JSONDecoder().decode(Self.self, from: Data(bytes))
        } catch let error as DecodingError {
            throw Failure(reason: "\(path) is no connection file: \(Self.explanation(of: error))")
        }
    }

    private static func explanation(of error: DecodingError) -> String {
        func place(_ context: DecodingError.Context) -> String {
            let path = context.codingPath.map(\.stringValue).joined(separator: ".")
            return path.isEmpty ? context.debugDescription : "\(path): \(context.debugDescription)"
        }
        return switch error {
        case .keyNotFound(let key, _): "member '\(key.stringValue)' is missing"
        case .typeMismatch(_, let context), .valueNotFound(_, let context), .dataCorrupted(let context): place(context)
        @unknown default: "it is not understood"
        }
    }
}
