/// What people write on a command line to say where a server is and how to know it; the same in every program.
package enum ConnectionArgument {
    /// What is wrong with an argument, and how it is written.
    package struct Invalid: Error, CustomStringConvertible {
        package let description: String
    }

    @Sendable package static func server(_ text: String) throws(Invalid) -> ServerAddress {
        guard let server = ServerAddress(text) else {
            throw Invalid(description: "'\(text)' is no server address: HOST[:PORT], an IPv6 address in brackets")
        }
        return server
    }

    @Sendable package static func pin(_ text: String) throws(Invalid) -> Fingerprint {
        guard let pin = Fingerprint(text) else {
            throw Invalid(description: "'\(text)' is no server key fingerprint: 64 hexadecimal digits (SHA-256)")
        }
        return pin
    }

    /// The text is not repeated: it may hold a password.
    @Sendable package static func proxy(_ text: String) throws(Invalid) -> ProxyAddress {
        guard let proxy = ProxyAddress(text) else {
            throw Invalid(description: "this is no proxy: http://[USER:PASSWORD@]HOST[:PORT]")
        }
        return proxy
    }
}
