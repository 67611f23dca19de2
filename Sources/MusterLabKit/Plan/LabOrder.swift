/// What can be typed into a running lab.
package enum LabOrder: Equatable, Sendable {
    case help, list
    case run(host: String, command: String)
    case muster([String])
    case boot(String), powerOff(String), reboot(String), cut(String)
    case move(String, LabPlace)
    case changeAddress(String)
    case block(LabPort, LabPlace), unblock(LabPlace)
    case changeServerAddress
    case nothing

    package struct Refusal: Error, Equatable { package var reason: String }

    package static let usage = """
          list                       machines and where they are
          run NAME COMMAND           a shell command on one
          muster ARGUMENTS           the administrator's command
          boot | poweroff | reboot | cut NAME      cut: as if the plug was pulled
          move NAME PLACE            carry a device elsewhere: \(LabPlace.allCases.map(\.rawValue).joined(separator: ", "))
          address NAME               give it another address
          block tcp|udp PORT PLACE   at a place's router; unblock PLACE
          server-address             give the server's name another address
        """

    package static func parse(_ line: String) -> Result<LabOrder, Refusal> {
        let words = line.split(separator: " ").map(String.init)
        guard let first = words.first else { return .success(.nothing) }
        let order: LabOrder? =
            switch (first, words.count) {
            case ("help", 1): .help
            case ("list", 1): .list
            case ("muster", _): .muster(Array(words.dropFirst()))
            case ("server-address", 1): .changeServerAddress
            case ("run", 3...): .run(host: words[1], command: words.dropFirst(2).joined(separator: " "))
            case ("block", 4): port(words[1], words[2]).flatMap { port in place(words[3]).map { .block(port, $0) } }
            case ("unblock", 2): place(words[1]).map { .unblock($0) }
            case ("move", 3): place(words[2]).map { .move(words[1], $0) }
            case (_, 2): ofOneMachine(first, words[1])
            default: nil
            }
        return order.map { .success($0) } ?? .failure(Refusal(reason: "'\(line)' is none of these:\n\(usage)"))
    }

    private static func ofOneMachine(_ verb: String, _ name: String) -> LabOrder? {
        switch verb {
        case "boot": .boot(name)
        case "poweroff": .powerOff(name)
        case "reboot": .reboot(name)
        case "cut": .cut(name)
        case "address": .changeAddress(name)
        default: nil
        }
    }

    private static func port(_ kind: String, _ number: String) -> LabPort? {
        LabPort.Kind(rawValue: kind).flatMap { kind in UInt16(number).map { LabPort(kind: kind, number: $0) } }
    }

    private static func place(_ name: String) -> LabPlace? { LabPlace(rawValue: name) }
}
