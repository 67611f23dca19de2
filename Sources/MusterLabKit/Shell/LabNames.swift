import Foundation
import MusterTestKit

/// The lab's name server, at the Internet's router: dnsmasq with a file of its own. Answers may not be kept (TTL 0).
struct LabNames {
    private let keeper: LabKeeper
    private let program: RunningProgram
    private var directory: String { "\(keeper.directory)/names" }

    init(keeper: LabKeeper) throws {
        self.keeper = keeper
        let directory = "\(keeper.directory)/names"
        let dnsmasq = try ProgramPath.ofSystem("dnsmasq")
        program = try RunningProgram(
            keeper.order(
                """
                touch \(directory)/hosts
                exec ip netns exec internet \(dnsmasq) --keep-in-foreground --conf-file=/dev/null --no-resolv --no-hosts \
                  --addn-hosts=\(directory)/hosts --listen-address=\(LabPlan.internet) --bind-interfaces --user=root \
                  --pid-file=\(directory)/pid --log-facility=-
                """, log: "\(keeper.directory)/names.log"))
    }

    /// From now on these names lead to these addresses, and no others do.
    func set(_ names: [String: String]) async throws {
        try LabFile.write(LabWiring.names(names), to: keeper.outside("\(directory)/hosts"))
        let (keeper, directory, program) = (keeper, directory, program)
        try await eventually("the name server answers", state: { program.log }) {
            guard !LabFile.text(keeper.outside("\(directory)/pid")).isEmpty else { return false }
            try await keeper.run("kill -HUP $(cat \(directory)/pid)")
            return true
        }
    }
}
