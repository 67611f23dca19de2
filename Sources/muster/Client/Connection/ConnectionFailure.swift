import NIOCore
import NIOHTTP1
import NIOPosix
import NIOSSL

/// What went wrong below HTTP, in words for the administrator.
enum ConnectionFailure {
    static func explained(_ error: any Error, server: APIAddress) -> CommandError {
        switch error {
        case let error as NIOConnectionError: .unreachable(server, reason(of: error))
        case ChannelError.connectTimeout: .unreachable(server, "no answer in time")
        case is HandshakeWatch.TimedOut: .unreachable(server, "TLS did not complete in time")
        case is HandshakeWatch.Ended: .unreachable(server, "it closed the connection before TLS was up")
        case is SilenceWatch.Silent: .disconnected(server, "it has fallen silent")
        case let error as NIOSSLError: tls(error, server)
        case let error as NIOSSLExtraError where error == .failedToValidateHostname:
            .untrusted(server, "it is made out to other names")
        case let error as NIOSSLExtraError: .untrusted(server, error.description)
        case ChannelError.ioOnClosedChannel, ChannelError.alreadyClosed, ChannelError.eof, ChannelError.inputClosed,
            ChannelError.outputClosed, HTTPParserError.invalidEOFState, is NIOAsyncWriterError:
            .disconnected(server, "the server closed it")
        case let error as IOError: .disconnected(server, String(cString: strerror(error.errnoCode)))
        case let error as HTTPParserError: .notMuster(server, "\(error)")
        default: .disconnected(server, "\(error)")
        }
    }

    private static func reason(of error: NIOConnectionError) -> String {
        if let first = error.connectionErrors.first {
            guard let system = first.error as? IOError else { return "\(first.error)" }
            return String(cString: strerror(system.errnoCode)).lowercased()
        }
        return "its name cannot be resolved"
    }

    private static func tls(_ error: NIOSSLError, _ server: APIAddress) -> CommandError {
        let text = "\(error)"
        if text.contains("CERTIFICATE_VERIFY_FAILED") { return .untrusted(server, "its certificate could not be verified") }
        if case .handshakeFailed = error {
            return .unreachable(server, "it does not speak TLS there, or no version in common (\(text))")
        }
        if case .unableToValidateCertificate = error { return .untrusted(server, "its certificate could not be verified") }
        if case .uncleanShutdown = error { return .disconnected(server, "the server closed it") }
        return .disconnected(server, text)
    }
}

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif
