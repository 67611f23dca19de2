extension Int64 {
    /// Division towards the past: the remainder is 0 or positive.
    /// - Parameter divisor: positive.
    func floored(by divisor: Int64) -> (quotient: Int64, remainder: Int64) {
        let (quotient, remainder) = quotientAndRemainder(dividingBy: divisor)
        return remainder < 0 ? (quotient - 1, remainder + divisor) : (quotient, remainder)
    }
}

extension Int {
    /// `03`; longer numbers as they are.
    var twoDigits: String { self < 10 ? "0\(self)" : "\(self)" }
}

extension StringProtocol {
    /// A number of at most nine ASCII digits and nothing else.
    var digits: Int? {
        guard (1...9).contains(utf8.count), utf8.allSatisfy({ (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }) else {
            return nil
        }
        return Int(self)
    }
}
