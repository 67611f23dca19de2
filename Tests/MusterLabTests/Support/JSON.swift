/// What the commands print for programs.
extension [String: Any] {
    func text(_ member: String) -> String? { self[member] as? String }
    func number(_ member: String) -> Int? { self[member] as? Int }
}

extension [[String: Any]] {
    func texts(_ member: String) -> [String] { compactMap { $0[member] as? String } }
}
