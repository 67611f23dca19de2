import MusterModel

/// Which packages dpkg has, as `dpkg-query` lists them: lines `NAME ARCHITECTURE STATE`.
struct InstalledPackages: Hashable, Sendable {
    static let query = ["--show", "--showformat=${Package} ${Architecture} ${db:Status-Status}\\n"]

    private let names: Set<String>

    /// - Parameter withLeftovers: also those of which only configuration is there, which may be purged.
    init(_ listing: String, withLeftovers: Bool) {
        let absent: Set<Substring> = withLeftovers ? ["not-installed"] : ["not-installed", "config-files"]
        names = Set(
            listing.split(whereSeparator: \.isNewline).flatMap { line -> [String] in
                let words = line.split(separator: " ")
                guard words.count == 3, !absent.contains(words[2]) else { return [] }
                return ["\(words[0])", "\(words[0]):\(words[1])"]
            })
    }

    func has(_ package: PackageName) -> Bool {
        names.contains(package.name + (package.architecture.map { ":" + $0 } ?? ""))
    }
}

extension InstalledPackages {
    /// Asks dpkg. Nil when it does not answer.
    static func find(in context: TaskContext, withLeftovers: Bool) async -> InstalledPackages? {
        // Some 5,000 packages of a desktop are 200 KiB.
        let said = LastWords(4 << 20)
        var program = TaskProgram(context.root.path("usr/bin/dpkg-query"), query)
        program.isShown = false
        program.hears = { said.heard($0) }
        program.limit = .seconds(60)
        let end = await context.run(program)
        return end == .exited(0) ? InstalledPackages(said.text, withLeftovers: withLeftovers) : nil
    }
}
