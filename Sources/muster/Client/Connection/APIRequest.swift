import FoundationEssentials
import NIOHTTP1

/// One request to the API, without what the connection adds (host, token).
struct APIRequest: Sendable {
    enum Method: String, Sendable { case get = "GET", post = "POST", put = "PUT", patch = "PATCH", delete = "DELETE" }

    var method = Method.get
    var path: String
    /// In the order sent; escaped by `uri`.
    var query: [(name: String, value: String)] = []
    var headers: [(name: String, value: String)] = []
    var body: Data?

    static func get(_ path: String, query: [(name: String, value: String)] = []) -> Self { Self(path: path, query: query) }

    var uri: String {
        guard !query.isEmpty else { return path }
        return path + "?" + query.map { "\(Self.escaped($0.name))=\(Self.escaped($0.value))" }.joined(separator: "&")
    }

    /// Everything but RFC 3986's unreserved characters as `%XX`.
    static func escaped(_ text: String) -> String {
        let digits = Array("0123456789ABCDEF".utf8)
        let plain = Set("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~".utf8)
        var bytes: [UInt8] = []
        for byte in text.utf8 {
            if plain.contains(byte) {
                bytes.append(byte)
            } else {
                bytes += [UInt8(ascii: "%"), digits[Int(byte >> 4)], digits[Int(byte & 15)]]
            }
        }
        return String(decoding: bytes, as: UTF8.self)
    }
}

/// What came back, whole.
struct APIResponse: Sendable {
    var status: Int
    var headers: HTTPHeaders
    var body: Data
}
