package import MusterAPI
package import MusterModel

/// What is said about a server address of a package: any address may be entered, and devices may know a name that this machine does not.
package enum AddressAdvice {
    /// - Parameter resolution: what the name resolves to here; not looked at for an IP address.
    package static func warnings(of server: ServerAddress, _ resolution: NameResolution) -> [PackageWarning] {
        let host = server.host
        let isIPv4 = InternetAddress.isIPv4(host)
        let isAddress = isIPv4 || host.contains(":")
        let entered = server.description
        guard isAddress else {
            switch resolution {
            case .failed:
                return [.init(.unresolved, server: entered, text: "The name \(host) does not resolve here, now.")]
            case .addresses(let addresses) where addresses.allSatisfy(isPrivate):
                let shown = addresses.prefix(3).joined(separator: ", ")
                return [
                    .init(
                        .privateAddress, server: entered,
                        text: "The name \(host) resolves here to \(shown): devices outside this network do not reach it.")
                ]
            case .addresses: return []
            }
        }
        var warnings: [PackageWarning] = []
        if isPrivate(host) {
            warnings.append(
                .init(
                    .privateAddress, server: entered,
                    text: "\(host) is a private address: devices outside this network do not reach it."))
        }
        warnings.append(
            .init(
                .addressNotName, server: entered,
                text: "\(host) is an IP address: with a name the server could move without a touch to its devices."))
        return warnings
    }

    /// Not routed on the Internet: RFC 1918, 6598 (100.64/10), 3927, 4193, 4291; loopback too.
    package static func isPrivate(_ address: String) -> Bool {
        let octets = address.split(separator: ".", omittingEmptySubsequences: false).map { UInt8($0) }
        if octets.count == 4, let first = octets[0], let second = octets[1] {
            return switch (first, second) {
            case (10, _), (127, _), (0, _), (192, 168), (169, 254), (172, 16...31), (100, 64...127): true
            default: false
            }
        }
        let text = address.lowercased()
        return text == "::1" || text == "::" || ["fc", "fd", "fe8", "fe9", "fea", "feb"].contains { text.hasPrefix($0) }
    }
}
