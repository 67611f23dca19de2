import Foundation

/// A PostgreSQL server for tests: Debian's programs, a directory of its own under /tmp, reached through a Unix socket in it.
///
/// It ends with the process that started it, however that ends: a shell waits for the pipe it holds to close, then stops the server and
/// removes the directory.
package final class PostgreSQLFixture: Sendable {
    /// The server all tests of a process share; started when it is first asked for.
    package static func shared() throws -> PostgreSQLFixture { try running.get() }

    private static let running = Result { try PostgreSQLFixture() }

    /// Holds the socket and the data.
    package let directory: String
    private let programs: String
    private let shell: Process
    private let life = Pipe()

    /// - Parameter isDurable: whether commits wait for the disk: slower, for measurements.
    package init(isDurable: Bool = false) throws {
        programs = try Self.findPrograms()
        directory = "/tmp/muster-postgresql-\(UUID().uuidString.prefix(8).lowercased())"
        shell = Process()
        shell.executableURL = URL(fileURLWithPath: "/bin/sh")
        shell.arguments = ["-c", Self.script, "sh", directory, programs, isDurable ? "on" : "off"]
        shell.standardInput = life
        shell.standardOutput = FileHandle.nullDevice
        try shell.run()
        try waitUntilReady()
    }

    /// A new, empty database.
    /// - Returns: its URL, as `--database` takes it.
    package func makeDatabase() throws -> String {
        let name = "muster_\(UUID().uuidString.prefix(8).lowercased())"
        guard try run("createdb", ["--maintenance-db=postgres", name]) == 0 else {
            throw FixtureError(description: "createdb failed in \(directory); see its log")
        }
        return "postgresql://muster@/\(name)?host=\(directory)"
    }

    /// Ends all connections to a database, as a failing network or a restart would.
    package func disconnectAll(from url: String) throws {
        let name = url.split(separator: "?").first?.split(separator: "/").last ?? ""
        let sql = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '\(name)'"
        guard try run("psql", ["-d", "postgres", "-qAtc", sql]) == 0 else {
            throw FixtureError(description: "psql failed in \(directory)")
        }
    }

    /// How the database server ends before it comes back.
    package enum Ending: Sendable {
        /// In order: clients are disconnected, everything is written.
        case fast
        /// At once, as after a crash: it recovers when it comes back.
        case crash
    }

    /// Ends the database server, and returns when it serves again.
    package func restart(_ ending: Ending) throws {
        let file = try String(contentsOfFile: "\(directory)/data/postmaster.pid", encoding: .utf8)
        guard let pid = file.split(separator: "\n").first.flatMap({ Int32($0) }) else {
            throw FixtureError(description: "PostgreSQL in \(directory) has no process id")
        }
        kill(pid, ending == .fast ? SIGINT : SIGQUIT)
        for _ in 0..<600 where FileManager.default.fileExists(atPath: "/proc/\(pid)") { Thread.sleep(forTimeInterval: 0.05) }
        try waitUntilReady()
    }

    /// The directory is $1, the programs' $2, fsync $3. A server that ends is started again. As root everything runs as the user postgres, which Debian's package makes.
    private static let script = """
        set -eu
        as() { if [ "$(id -u)" = 0 ]; then runuser -u postgres -- "$@"; else "$@"; fi; }
        mkdir -m 0755 "$1"
        if [ "$(id -u)" = 0 ]; then chown postgres "$1"; fi
        cd "$1"
        as "$2/initdb" -D "$1/data" -U muster --auth=trust --encoding=UTF8 --locale=C.UTF-8 --no-sync >"$1/log" 2>&1 || { sleep 60; exit 1; }
        until [ -e "$1/end" ]; do
            as "$2/postgres" -D "$1/data" -k "$1" -c listen_addresses= -c fsync="$3" -c max_connections=200 || sleep 0.1
        done >>"$1/log" 2>&1 </dev/null &
        read -r _ || true
        touch "$1/end"
        while kill -0 $! 2>/dev/null; do
            kill -INT "$(head -n 1 "$1/data/postmaster.pid" 2>/dev/null)" 2>/dev/null || true
            sleep 0.1
        done
        wait
        rm -rf "$1"
        """

    private static func findPrograms() throws -> String {
        let root = "/usr/lib/postgresql"
        let versions = (try? FileManager.default.contentsOfDirectory(atPath: root)) ?? []
        let newest = versions.compactMap { Int($0) }.sorted().last
        guard let newest, FileManager.default.isExecutableFile(atPath: "\(root)/\(newest)/bin/postgres") else {
            throw FixtureError(
                description:
                    "PostgreSQL is not installed (no \(root)/*/bin/postgres): run `make test`, which installs what the tests need"
            )
        }
        return "\(root)/\(newest)/bin"
    }

    private func waitUntilReady() throws {
        for _ in 0..<600 {
            if try run("pg_isready", ["-q", "-d", "postgres"]) == 0 { return }
            guard shell.isRunning else { break }
            Thread.sleep(forTimeInterval: 0.1)
        }
        let log = (try? String(contentsOfFile: "\(directory)/log", encoding: .utf8)) ?? "no log"
        throw FixtureError(description: "PostgreSQL did not start in \(directory): \(log.suffix(2000))")
    }

    private func run(_ program: String, _ arguments: [String]) throws -> Int32 {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "\(programs)/\(program)")
        process.arguments = ["-h", directory, "-U", "muster"] + arguments
        process.standardInput = FileHandle.nullDevice
        process.standardOutput = FileHandle.nullDevice
        process.standardError = FileHandle.nullDevice
        try process.run()
        process.waitUntilExit()
        return process.terminationStatus
    }
}

/// Why a fixture could not be set up.
package struct FixtureError: Error, CustomStringConvertible {
    package let description: String

    package init(description: String) { self.description = description }
}
