import NIOCore
import NIOSSL

/// What NIO and TLS say of a connection that broke, without their own inner names.
enum ErrorWords {
    static func text(of error: any Error) -> String {
        switch error {
        case let error as IOError: SystemCall.text(of: error.errnoCode)
        case NIOSSLError.uncleanShutdown: "the other side cut it off"
        case ChannelError.eof, ChannelError.inputClosed: "the other side closed it"
        case ChannelError.ioOnClosedChannel, ChannelError.alreadyClosed, ChannelError.outputClosed: "it is closed"
        default: "\(error)"
        }
    }
}
