/// Who waits to write. Whole lists of applications wait apart from changes of a few rows: when both wait, each kind gets half of every
/// transaction's time, so that ten thousand devices that send their lists at once delay nobody's events, actions and clicks, nor the other way.
struct WriteQueue: Sendable {
    /// For one transaction.
    struct Turn: Sendable {
        var small: [WriteJob]
        var large: [WriteJob]

        var all: [WriteJob] { small + large }
    }

    private var small: [WriteJob] = []
    private var large: [WriteJob] = []

    var count: Int { small.count + large.count }
    var isEmpty: Bool { small.isEmpty && large.isEmpty }

    mutating func append(_ job: WriteJob) {
        if job.isLarge { large.append(job) } else { small.append(job) }
    }

    /// - Parameter limit: of each kind.
    mutating func take(_ limit: Int) -> Turn {
        Turn(small: Self.take(limit, from: &small), large: Self.take(limit, from: &large))
    }

    /// Those for which the transaction had no time: they are the next of their kind.
    mutating func putBack(_ rest: Turn) {
        small.insert(contentsOf: rest.small, at: 0)
        large.insert(contentsOf: rest.large, at: 0)
    }

    mutating func removeAll() -> [WriteJob] {
        defer { (small, large) = ([], []) }
        return small + large
    }

    private static func take(_ limit: Int, from jobs: inout [WriteJob]) -> [WriteJob] {
        let taken = Array(jobs.prefix(limit))
        jobs.removeFirst(taken.count)
        return taken
    }
}
