import Foundation
import MusterTestKit

/// How the programs get onto the lab's machines: those built beside the tests, mounted read-only with Swift's libraries, and units for them.
struct LabPrograms {
    private static let names = ["muster", "muster-agent", "muster-server"]

    /// Of systemd-nspawn.
    let mounts: [String]

    /// The programs in /usr/bin, and Swift's libraries where the programs look for them.
    init() async throws {
        var libraries: Set<String> = []
        for name in Self.names {
            let needed = try await runProgram(ProgramPath.ofSystem("ldd"), [ProgramPath.of(name)]).succeeded().output
            libraries.formUnion(needed.split(separator: "\n").compactMap(Self.folder))
        }
        mounts =
            try Self.names.map { "--bind-ro=\(try ProgramPath.of($0)):/usr/bin/\($0)" }
            + libraries.sorted().map { "--bind-ro=\($0)" }
    }

    /// Of a line of ldd: where a library of Swift's is.
    private static func folder(_ line: Substring) -> String? {
        guard let start = line.firstIndex(of: "/") else { return nil }
        let path = line[start...].prefix { $0 != " " }
        guard path.contains("/swift/"), let end = path.lastIndex(of: "/") else { return nil }
        return String(path[..<end])
    }

    /// The program's unit, started by hand the first time, and from then on at each boot: once there is something to start.
    func unit(isServer: Bool) -> (name: String, text: String) {
        isServer ? ("muster-server.service", Self.server) : ("muster-agent.service", Self.agent)
    }

    private static let agent = """
        [Unit]
        Description=Muster Network Agent
        After=network-online.target
        Wants=network-online.target
        ConditionPathExists=/var/lib/muster-agent/agent.db

        [Service]
        ExecStart=/usr/bin/muster-agent run --log-level debug
        Restart=always
        RestartSec=1

        [Install]
        WantedBy=multi-user.target

        """

    private static let server = """
        [Unit]
        Description=Muster Administration Server
        After=network-online.target
        Wants=network-online.target
        ConditionPathExists=/var/lib/muster-server/server.json

        [Service]
        ExecStart=/usr/bin/muster-server run --ready-file /run/muster-server.json
        Restart=always
        RestartSec=1
        LimitNOFILE=20000

        [Install]
        WantedBy=multi-user.target

        """
}
