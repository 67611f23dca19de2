import MusterLabKit

/// What a lab says of itself when it is up.
enum LabGuide {
    static func text(_ lab: Lab, link: LabLink) -> String {
        let machines = ([lab.server.host] + lab.devices.map(\.host)).map { host in
            "  \(pad(host.name, 11)) \(pad(host.place.rawValue, 9)) \(pad(host.address, 13)) \(host.place.explanation)"
        }
        return """
            \(machines.joined(separator: "\n"))

            In another terminal, as root:
              export PATH=\(link.programs):$PATH
              export MUSTER_SERVER=\(link.server) MUSTER_TOKEN_FILE=\(link.tokenFile) MUSTER_PIN=\(link.pin)
              muster devices list
              scripts/lab shell \(lab.devices.first?.name ?? LabPlan.server)
              scripts/lab run \(LabPlan.server) journalctl -u muster-server -f

            Here:
            \(LabOrder.usage)
            Ctrl-C removes all of it.

            """
    }

    private static func pad(_ text: String, _ width: Int) -> String {
        text + String(repeating: " ", count: max(0, width - text.count))
    }
}
