/// What `nft -j list ruleset` prints, as far as it is looked at; everything else is passed over.
struct NftablesJSON: Decodable {
    struct Item: Decodable {
        var chain: Chain?
        var rule: Rule?
    }

    struct Chain: Decodable {
        var family: String
        var table: String
        var name: String
        var hook: String?
        var policy: String?
    }

    struct Rule: Decodable {
        var family: String
        var table: String
        var chain: String
        var handle: Int
        var comment: String?
        var expr: [Expression]

        /// Of `udp dport PORT [counter] accept` and nothing more.
        var acceptedUDPPorts: [UInt16] {
            let deciding = expr.filter { !$0.isCounter }
            guard deciding.count == 2, deciding[1].isAccept, let match = deciding[0].match, match.isUDPPort else { return [] }
            return match.right.ports
        }

        /// `[counter] [log …] drop`, or `reject`: nothing gets past it.
        var refusesEverything: Bool {
            let deciding = expr.filter { !$0.isCounter && !$0.isLog }
            return deciding.count == 1 && deciding[0].isRefusal
        }
    }

    struct Expression: Decodable {
        var match: Match?
        var isAccept: Bool
        var isCounter: Bool
        var isLog: Bool
        var isRefusal: Bool

        private enum CodingKeys: CodingKey { case match, accept, counter, log, drop, reject }

        init(from decoder: any Decoder) throws {
            guard let container = try? decoder.container(keyedBy: CodingKeys.self) else {
                // `null` and plain words stand for expressions of another kind.
                (match, isAccept, isCounter, isLog, isRefusal) = (nil, false, false, false, false)
                return
            }
            match = try? container.decodeIfPresent(Match.self, forKey: .match)
            isAccept = container.contains(.accept)
            isCounter = container.contains(.counter)
            isLog = container.contains(.log)
            isRefusal = container.contains(.drop) || container.contains(.reject)
        }
    }

    struct Match: Decodable {
        struct Left: Decodable {
            struct Payload: Decodable {
                var `protocol`: String
                var field: String
            }

            var payload: Payload
        }

        var op: String
        var left: Left
        var right: Right

        var isUDPPort: Bool { op == "==" && left.payload.protocol == "udp" && left.payload.field == "dport" }
    }

    /// A port, or a set of ports.
    struct Right: Decodable {
        var ports: [UInt16]

        private enum CodingKeys: CodingKey { case set }

        init(from decoder: any Decoder) throws {
            if let port = try? decoder.singleValueContainer().decode(UInt16.self) {
                ports = [port]
            } else {
                let container = try decoder.container(keyedBy: CodingKeys.self)
                ports = (try? container.decode([UInt16].self, forKey: .set)) ?? []
            }
        }
    }

    var nftables: [Item]
}
