import FoundationEssentials
import MusterModel

/// Values that tables keep as JSON: keys in order, so that the same value is the same text.
enum StoredJSON {
    /// Of one: 2,000 policies of that size still fit into the memory of a small server.
    static let maximumBytes = 256 << 10

    /// - Throws: `refused` when it is too long.
    static func text(_ value: some Encodable, of what: String) throws(StoreError) -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        let data: Data
        do {
            data = try encoder.encode(value)
        } catch {
            throw StoreError(.statement, "\(what) cannot be written as JSON.", underlying: error)
        }
        guard data.count <= maximumBytes else {
            throw .refused("\(what) would take \(data.count) bytes; it may take \(maximumBytes).")
        }
        return String(decoding: data, as: UTF8.self)
    }

    static func value<Value: Decodable>(_ text: String, of what: String) throws(StoreError) -> Value {
        do {
            return try JSONDecoder().decode(Value.self, from: Data(text.utf8))
        } catch {
            throw StoreError(.damaged, "\(what) is not understood.", underlying: error)
        }
    }
}
