/// The shell commands that make the lab's networks, as text: nothing is done here.
///
/// ```
///                       internet: bridge 203.0.113.1/24, names
///      ┌─────────┬─────────┬────┴────┬─────────┬─────────┬─────────┐        a network namespace each, veth between them
///   office      home    branch    hosting   village    cafe      hotel      routers: `outside` .11 … .17, bridge `inside` .1
///   │    │       │         │         │         │         │
/// muster pc-01  pc-02     pc-03     pc-04     pc-05     pc-06                hosts: `eth0`
/// ```
package enum LabWiring {
    /// The Internet and all routers.
    package static var networks: String {
        (internet + LabPlace.allCases.flatMap(router)).joined(separator: "\n") + "\n"
    }

    private static let internet = [
        "ip netns add internet",
        "ip -n internet link set lo up",
        "ip -n internet link add bridge type bridge",
        "ip -n internet address add \(LabPlan.internet)/24 dev bridge",
        "ip -n internet link set bridge up",
        forwarding("internet"),
    ]

    private static func router(_ place: LabPlace) -> [String] {
        let name = namespace(of: place)
        var lines = [
            "ip netns add \(name)",
            "ip -n \(name) link set lo up",
            "ip link add outside netns \(name) type veth peer name \(place.rawValue) netns internet",
            "ip -n internet link set \(place.rawValue) master bridge up",
            "ip -n \(name) address add \(place.outside)/24 dev outside",
            "ip -n \(name) link set outside up",
            "ip -n \(name) route add default via \(LabPlan.internet)",
            "ip -n \(name) link add inside type bridge",
            "ip -n \(name) address add \(place.router)/24 dev inside",
            "ip -n \(name) link set inside up",
            forwarding(name),
            "ip netns exec \(name) nft -f - <<'RULES'\n\(rules(place))RULES",
        ]
        if !place.isTranslated { lines.append("ip -n internet route add \(place.network) via \(place.outside)") }
        return lines
    }

    private static func forwarding(_ namespace: String) -> String {
        "ip netns exec \(namespace) sh -c 'echo 1 >/proc/sys/net/ipv4/ip_forward'"
    }

    /// What a router lets through. The chain `blocked` comes first, so that it also holds for connections already there.
    static func rules(_ place: LabPlace) -> String {
        var forward = ["jump blocked"]
        if place.loss > 0 { forward.append("numgen random mod 100 < \(place.loss) drop") }
        forward += ["ct state established,related accept", "iifname \"inside\" accept", "ct status dnat accept"]
        forward += place.opened.map { "\($0.rule) accept" }
        var rules = """
            table inet lab {
              chain blocked { }
              chain forward { type filter hook forward priority filter; policy drop; \(forward.joined(separator: "; ")); }
            }

            """
        guard place.isTranslated else { return rules }
        let server = place.address(LabPlan.serverHost)
        let forwarded = place.forwarded.map { "iifname \"outside\" \($0.rule) dnat ip to \(server)" }
        rules += """
            table inet translation {
              chain prerouting { type nat hook prerouting priority dstnat; \(forwarded.joined(separator: "; ")); }
              chain postrouting { type nat hook postrouting priority srcnat; oifname "outside" masquerade; }
            }

            """
        return rules
    }

    /// The namespace of a place's router; hosts' namespaces have the hosts' names.
    package static func namespace(of place: LabPlace) -> String { "router-\(place.rawValue)" }

    /// A host's namespace, connected to nothing.
    static func host(_ name: String) -> String { "ip netns add \(name)\nip -n \(name) link set lo up\n" }

    /// Plugs a host in.
    static func plug(_ name: String, into place: LabPlace, number: Int) -> String {
        let router = namespace(of: place)
        return """
            ip link add eth0 netns \(name) type veth peer name h\(number) netns \(router)
            ip -n \(router) link set h\(number) master inside up
            ip -n \(name) link set eth0 up

            """ + address(of: name, in: place, number: number)
    }

    /// Gives a host an address in place of what it has.
    static func address(of name: String, in place: LabPlace, number: Int) -> String {
        """
        ip -n \(name) address flush dev eth0 scope global
        ip -n \(name) address add \(place.address(number))/24 dev eth0
        ip -n \(name) route replace default via \(place.router)

        """
    }

    /// Pulls a host's plug: nothing more is heard of it.
    static func unplug(_ name: String) -> String { "ip -n \(name) link delete eth0 2>/dev/null || true\n" }

    /// The lines of a hosts file: what the lab's name server knows.
    static func names(_ names: [String: String]) -> String {
        names.sorted { $0.key < $1.key }.map { "\($0.value) \($0.key)\n" }.joined()
    }
}
