/// Finds what somebody meant who mistyped a word.
package enum NearestWord {
    /// Words that are longer are compared with nothing: the work grows with the square.
    private static let maximumCharacters = 32

    /// The word with the fewest slips from `text`: at most two, and fewer than half of its characters; nil when there is none. Case does
    /// not count.
    package static func find(_ text: String, in words: [String]) -> String? {
        let meant = Array(text.lowercased())
        guard meant.count <= maximumCharacters else { return nil }
        let distances = words.map { (word: $0, slips: slips(from: meant, to: Array($0.lowercased()))) }
        guard let best = distances.min(by: { $0.slips < $1.slips }), best.slips <= 2, best.slips * 2 < best.word.count else {
            return nil
        }
        return best.word
    }

    /// Characters added, left out, changed, or swapped with the next one.
    private static func slips(from left: [Character], to right: [Character]) -> Int {
        var beforeLast: [Int] = []
        var last = Array(0...right.count)
        for (row, character) in left.enumerated() {
            var current = [row + 1]
            for (column, other) in right.enumerated() {
                var best = min(last[column + 1] + 1, current[column] + 1, last[column] + (character == other ? 0 : 1))
                if row > 0, column > 0, character == right[column - 1], left[row - 1] == other {
                    best = min(best, beforeLast[column - 1] + 1)
                }
                current.append(best)
            }
            (beforeLast, last) = (last, current)
        }
        return last[right.count]
    }
}
