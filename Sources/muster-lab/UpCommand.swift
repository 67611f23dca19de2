import ArgumentParser
import Foundation
import Glibc
import MusterLabKit
import MusterTestKit
import UnixSignals

/// `muster-lab up`: boots a lab, says how to reach it, does what is typed, and takes all of it away at Ctrl-C.
struct UpCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "up", abstract: "Boot a server and a device in each place, until Ctrl-C (the default).")

    @Flag(help: "Leave the devices without the server: to enrol them by hand.")
    var withoutEnrolment = false

    func run() async throws {
        guard geteuid() == 0 else { throw ValidationError("a lab needs root: it makes networks and boots systems in them") }
        if let other = RunningLab.kept, other.isRunning {
            throw ValidationError("process \(other.pid) has a lab already: stop that one first")
        }
        Terminal.say("Booting. The first time, debootstrap makes a Debian to boot, which takes a minute.")
        let began = ContinuousClock.now
        // A signal ends it at any time: what it made goes with it.
        let signals = await UnixSignalsSequence(trapping: .sigint, .sigterm, .sighup)
        let life = Task { try await serve(since: began) }
        let watch = Task { for await _ in signals { life.cancel() } }
        defer { watch.cancel() }
        do { try await life.value } catch is CancellationError {}
        Terminal.say("All of it is gone.")
    }

    private func serve(since began: ContinuousClock.Instant) async throws {
        try await withLab(.everywhere) { lab in
            if !withoutEnrolment { try await lab.enrolAll() }
            let link = try await lab.linkToThisMachine()
            try RunningLab(lab, link: link).keep()
            defer { RunningLab.forget() }
            Terminal.say("Ready after \((ContinuousClock.now - began).formatted(.units(allowed: [.seconds], width: .wide))).\n")
            Terminal.say(LabGuide.text(lab, link: link))
            for await line in Self.lines() {
                switch LabOrder.parse(line) {
                case .success(let order): await act(order, in: lab, link: link)
                case .failure(let refusal): Terminal.say(refusal.reason)
                }
            }
        }
    }

    private func act(_ order: LabOrder, in lab: Lab, link: LabLink) async {
        do {
            let said = try await order.run(in: lab)
            if !said.isEmpty { Terminal.say(said) }
            // Machines have other processes after they were off.
            try RunningLab(lab, link: link).keep()
        } catch {
            Terminal.say("\(error)")
        }
    }

    /// What is typed; without a keyboard, nothing, for ever.
    private static func lines() -> AsyncStream<String> {
        let (lines, continuation) = AsyncStream.makeStream(of: String.self, bufferingPolicy: .bufferingNewest(100))
        // It ends with the process: a read of a terminal cannot be taken back.
        Thread.detachNewThread { while let line = readLine() { continuation.yield(line) } }
        return lines
    }
}
