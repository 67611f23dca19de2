import Glibc
package import MusterModel

/// The packages of Debian and its relatives, from dpkg's own database: `status`, and `updates` with what a running dpkg did since.
package struct DpkgSource: InstalledSource {
    package let name = "dpkg"
    private let directory: String

    /// dpkg writes its journal back into `status` every 250 changes; a read that meets this more often than so is given up on and taken as it is.
    private static let attempts = 5

    package init(root: String = "/") { directory = RootPath(root).path("var/lib/dpkg") }

    package var watchedDirectories: [String] { [directory, directory + "/updates"] }

    package func read() throws(AgentError) -> [InstalledApplication] {
        guard FileStamp(directory) != nil else {
            guard errno == ENOENT || errno == ENOTDIR else { throw .unreadable(name, directory, errno) }
            return []
        }
        let status = directory + "/status"
        var database = DpkgDatabase()
        for _ in 0..<Self.attempts {
            let before = FileStamp(status)
            database = try readOnce(status)
            // The journal may have gone into a new `status` between the two reads.
            if FileStamp(status) == before { break }
        }
        return database.applications
    }

    private func readOnce(_ status: String) throws(AgentError) -> DpkgDatabase {
        var database = DpkgDatabase()
        try read(status, into: &database)
        // dpkg names its journal's files by numbers of one length, so their names sort as they were written; other names are unfinished.
        for update in SystemCall.names(in: directory + "/updates") ?? []
        where update.utf8.allSatisfy({ (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }) {
            try read(directory + "/updates/" + update, into: &database, mayBeMissing: true)
        }
        return database
    }

    private func read(_ path: String, into database: inout DpkgDatabase, mayBeMissing: Bool = false) throws(AgentError) {
        let paragraphs: [ControlParser.Paragraph]
        do {
            paragraphs = try ControlFile(path: path, fields: DpkgDatabase.fields).paragraphs()
        } catch {
            if mayBeMissing && error.number == ENOENT { return }
            throw .unreadable(name, path, error.number)
        }
        for paragraph in paragraphs where !database.paragraphRead(paragraph) {
            throw AgentError(.sourceUnreadable, "\(name): \(path) is damaged: a paragraph names no package")
        }
    }
}
