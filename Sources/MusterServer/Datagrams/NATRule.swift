import Glibc

/// Whether somebody between the device and the server translates addresses: a connection request would reach him, not the device.
enum NATRule {
    /// - Parameters:
    ///   - address: the source address of the device's last connection.
    ///   - reported: the addresses the device has, by its document `system`, with commas between them.
    /// - Returns: nil when one of them is not known. A connection over loopback says nothing of networks.
    static func isBehindNAT(address: String?, reported: String?) -> Bool? {
        guard let address, let reported, let source = bytes(address), !isLoopback(source) else { return nil }
        let own = reported.split(separator: ",").compactMap { bytes($0.trimmingPrefix(while: \.isWhitespace)) }
        return own.isEmpty ? nil : !own.contains(source)
    }

    /// 4 or 16; an IPv4 address in IPv6's form counts as IPv4.
    private static func bytes(_ text: some StringProtocol) -> [UInt8]? {
        var bytes = [UInt8](repeating: 0, count: 16)
        if inet_pton(AF_INET, String(text), &bytes) == 1 { return Array(bytes.prefix(4)) }
        guard inet_pton(AF_INET6, String(text), &bytes) == 1 else { return nil }
        let isMapped = bytes.prefix(10).allSatisfy { $0 == 0 } && bytes[10...11].allSatisfy { $0 == 0xff }
        return isMapped ? Array(bytes.suffix(4)) : bytes
    }

    private static func isLoopback(_ bytes: [UInt8]) -> Bool {
        bytes.count == 4 ? bytes[0] == 127 : bytes == Array(repeating: 0, count: 15) + [1]
    }
}
