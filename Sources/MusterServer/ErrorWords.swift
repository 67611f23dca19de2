import Glibc
import NIOCore
import NIOSSL

/// What NIO and TLS say of a socket, without their own inner names.
enum ErrorWords {
    static func text(of error: any Error) -> String {
        switch error {
        case let error as IOError: String(cString: strerror(error.errnoCode))
        case let error as SocketAddressError.UnknownHost: "the name \(error.host) is not resolved"
        case NIOSSLError.uncleanShutdown: "it was cut off"
        case ChannelError.eof, ChannelError.inputClosed: "the device closed it"
        default: "\(error)"
        }
    }
}
