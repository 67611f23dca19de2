import Foundation
import MusterModel
import MusterStore
import MusterTrust

/// What `init` decides once and everything after it needs again: `server.json`.
struct ServerConfiguration: Codable, Sendable {
    var database: String
    var externalAddresses: [String]
    /// Server key fingerprints given to devices: active first, then reserve.
    var pins: [Fingerprint]
}

extension ServerConfiguration {
    init(_ directory: DataDirectory) throws(ServerError) {
        let bytes = try directory.read(directory.configuration)
        do {
            self = try JSONDecoder().decode(Self.self, from: Data(bytes))
        } catch {
            let why = (error as? DecodingError)?.summary ?? "not readable"
            throw ServerError(.damaged, "\(directory.configuration) is damaged (\(why)): \(DataDirectory.advice)")
        }
    }

    /// Of the database that `init` made: an embedded one that is gone is not made anew, as an empty one knows none of the devices.
    func location(in directory: DataDirectory) throws(ServerError) -> DatabaseLocation {
        guard let location = DatabaseLocation(database) else {
            throw ServerError(.damaged, "\(directory.configuration) names no database")
        }
        if case .sqlite(let path) = location, !DataDirectory.hasContent(path) {
            throw ServerError(.damaged, "the database \(path) is missing or empty: \(DataDirectory.advice)")
        }
        return location
    }
}

extension DecodingError {
    /// Where it went wrong, in a few words.
    fileprivate var summary: String {
        switch self {
        case .keyNotFound(let key, _): "'\(key.stringValue)' is missing"
        case .typeMismatch(_, let context), .valueNotFound(_, let context): context.debugDescription
        case .dataCorrupted(let context): context.codingPath.isEmpty ? "not JSON" : context.debugDescription
        @unknown default: "not readable"
        }
    }
}
