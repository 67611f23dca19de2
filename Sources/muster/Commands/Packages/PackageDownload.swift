import ArgumentParser
import MusterAPI
import MusterModel
import NIOCore

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// `muster packages download`
struct PackageDownload: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "download",
        abstract: "Downloads a package, or its connection file alone. It holds a secret: whoever has it can enrol devices.",
        discussion: "On a device: apt install ./muster-agent-NAME.deb; over an agent that is there: muster-agent enrol "
            + "--connection-file FILE. Each download has a token of its own.")
    @OptionGroup var global: GlobalOptions
    @Flag(help: "The connection file alone, for an agent that is there already.") var connectionFile = false
    @Option(
        help: ArgumentHelp("Where to put it (muster-agent-NAME.deb in this directory); - for standard output.", valueName: "file")
    ) var to: String?
    @Argument(help: .package) var package: String

    func run() async throws {
        let format: PackageFormat = connectionFile ? .connectionFile : .deb
        let (path, entry) = try await global.withClient { client in
            let entry = try await client.package(package)
            let file = to == "-" ? nil : try SecretFile(to ?? format.fileName(package: entry.name))
            let request = APIRequest(
                method: .post, path: APIPath.filled(APIPath.packageDownloads, entry.id),
                query: [(name: "format", value: format.rawValue)])
            let server = client.server
            if let refusal = try await client.connection.stream(
                request,
                { buffer in
                    let bytes = Array(buffer.readableBytesView)
                    if let file { try file.write(bytes) } else { try Console.write(bytes) }
                })
            {
                throw APIClient.refusal(refusal, to: request, server: server)
            }
            try file?.finish()
            return (file?.path, entry)
        }
        let enrols = "\(entry.tokenUses) devices within \(Duration.seconds(entry.tokenLifeSeconds).text)"
        // What is printed is the package.
        guard let path else { return Console.remark("Enrols \(enrols).") }
        try ItemPrinter.print(
            ["file": path], global.output,
            members: [
                ("File", path), ("Enrols", enrols),
            ])
    }
}

/// A file nobody else can read, in its place only when it is whole.
final class SecretFile {
    let path: String
    private let temporary: String
    private let descriptor: Int32
    private var isFinished = false

    init(_ path: String) throws(CommandError) {
        self.path = path
        temporary = path + ".part"
        unlink(temporary)
        descriptor = open(temporary, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw .file(path, String(cString: strerror(errno))) }
    }

    deinit {
        close(descriptor)
        if !isFinished { unlink(temporary) }
    }

    func write(_ bytes: [UInt8]) throws(CommandError) {
        var rest = bytes[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { throw .file(path, String(cString: strerror(errno))) }
            rest = rest.dropFirst(count)
        }
    }

    func finish() throws(CommandError) {
        guard fsync(descriptor) == 0, rename(temporary, path) == 0 else { throw .file(path, String(cString: strerror(errno))) }
        isFinished = true
    }
}
