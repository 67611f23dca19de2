import Glibc
import SwiftASN1
import X509

extension GeneralName {
    /// An IPv4 or IPv6 address, or a host name of letters, digits, hyphens, dots and a leading `*.`, at most 253 bytes.
    init(checking text: String) throws(TrustError) {
        if let address = Self.address(text) {
            self = .ipAddress(ASN1OctetString(contentBytes: address[...]))
            return
        }
        let labels = (text.hasPrefix("*.") ? text.dropFirst(2) : text[...]).utf8.split(
            separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
        let isName = text.utf8.count <= 253 && labels.allSatisfy(Self.isLabel)
        guard isName else { throw .badName("'\(text.prefix(253))' is neither a host name nor an address") }
        self = .dnsName(text)
    }

    private static func isLabel(_ label: Substring.UTF8View) -> Bool {
        (1...63).contains(label.count) && label.first != UInt8(ascii: "-") && label.last != UInt8(ascii: "-")
            && label.allSatisfy { byte in
                switch byte {
                case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                    UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"):
                    true
                default: false
                }
            }
    }

    /// 4 or 16 bytes.
    private static func address(_ text: String) -> [UInt8]? {
        for (family, size) in [(AF_INET, 4), (AF_INET6, 16)] {
            var bytes = [UInt8](repeating: 0, count: size)
            if inet_pton(family, text, &bytes) == 1 { return bytes }
        }
        return nil
    }
}
