import MusterModel

/// `%XX` in what was asked.
enum PercentEscape {
    /// - Parameter inQuery: `+` stands for a space there.
    /// - Returns: nil when it does not come out as UTF-8.
    static func undone(_ text: Substring, inQuery: Bool = false) -> String? {
        var bytes: [UInt8] = []
        var rest = Array(text.utf8)[...]
        while let byte = rest.popFirst() {
            switch byte {
            case UInt8(ascii: "+") where inQuery: bytes.append(UInt8(ascii: " "))
            case UInt8(ascii: "%"):
                guard rest.count >= 2, let decoded = Hexadecimal.bytes(String(decoding: rest.prefix(2), as: UTF8.self)) else {
                    return nil
                }
                bytes += decoded
                rest = rest.dropFirst(2)
            default: bytes.append(byte)
            }
        }
        return String(validating: bytes, as: UTF8.self)
    }
}
