import FoundationEssentials
import MusterAPI

/// A place in a list, as text the reader need not understand: the JSON of the store's cursor in base64url.
enum Cursor {
    static func encoded(_ cursor: some Encodable) throws -> String {
        let text = try APICoding.encode(cursor).base64EncodedString()
        return text.replacing("+", with: "-").replacing("/", with: "_").replacing("=", with: "")
    }

    static func decoded<Value: Decodable>(_ query: QueryParameters, as type: Value.Type) throws(Problem) -> Value? {
        guard let text = query["cursor"] else { return nil }
        let base64 = text.replacing("-", with: "+").replacing("_", with: "/")
        let padded = base64 + String(repeating: "=", count: (4 - base64.utf8.count % 4) % 4)
        guard text.utf8.count <= 4096, let data = Data(base64Encoded: padded),
            let cursor = try? APICoding.decode(type, from: data)
        else { throw .parameter("cursor", "It is not a cursor of this list.") }
        return cursor
    }
}
