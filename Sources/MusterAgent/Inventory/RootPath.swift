/// Where the device's files are: `/`, or the directory a test made.
struct RootPath: Hashable, Sendable {
    private let prefix: String

    init(_ root: String) { prefix = root.hasSuffix("/") ? String(root.dropLast()) : root }

    /// - Parameter relative: without a slash at its beginning.
    func path(_ relative: String) -> String { prefix + "/" + relative }

    /// A small text file in one line; nil when it is missing or empty.
    func line(_ relative: String) -> String? { SystemCall.line(of: path(relative)) }

    /// The lines of a small text file (of its first 64 KiB); none when it is missing.
    func lines(_ relative: String) -> [Substring] {
        String(decoding: SystemCall.contents(of: path(relative), limit: 64 * 1024) ?? [], as: UTF8.self)
            .split(whereSeparator: \.isNewline)
    }

    func names(_ relative: String) -> [String] { SystemCall.names(in: path(relative)) ?? [] }
}
