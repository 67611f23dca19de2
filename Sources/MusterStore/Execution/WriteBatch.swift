/// Several callers' parts in one transaction, each under a savepoint of its own: what fails for one leaves the others as they are.
struct WriteBatch {
    typealias Telling = @Sendable () -> Void

    let turn: WriteQueue.Turn

    /// Runs and commits: the first of each kind in any case, and others until `time` has passed, half of it for either.
    /// - Returns: how to tell each caller, and those for whom there was no time.
    /// - Throws: when nothing of the batch is stored, or it cannot be known.
    func commit(on connection: any DatabaseConnection, within time: Duration) throws(StoreError) -> (
        tellings: [Telling], rest: WriteQueue.Turn
    ) {
        do throws(StoreError) {
            let begin = ContinuousClock.now
            try connection.run(connection.kind == .sqlite ? "BEGIN IMMEDIATE" : "BEGIN")
            let small = try run(turn.small, on: connection, until: begin + (turn.large.isEmpty ? time : time / 2))
            let large = try run(turn.large, on: connection, until: begin + time)
            try connection.run("COMMIT")
            let rest = WriteQueue.Turn(
                small: Array(turn.small[small.count...]), large: Array(turn.large[large.count...]))
            return (small + large, rest)
        } catch {
            if connection.isUsable, connection.isInTransaction { try? connection.script("ROLLBACK") }
            throw error
        }
    }

    private func run(
        _ jobs: [WriteJob], on connection: any DatabaseConnection, until end: ContinuousClock.Instant
    ) throws(StoreError) -> [Telling] {
        var tellings: [Telling] = []
        for job in jobs {
            if !tellings.isEmpty, ContinuousClock.now >= end { break }
            tellings.append(try run(job, on: connection))
        }
        return tellings
    }

    private func run(_ job: WriteJob, on connection: any DatabaseConnection) throws(StoreError) -> @Sendable () -> Void {
        try connection.run("SAVEPOINT caller")
        do throws(StoreError) {
            let telling = try job.run(connection)
            try connection.run("RELEASE SAVEPOINT caller")
            return telling
        } catch {
            guard !error.endsTransaction, connection.isUsable, connection.isInTransaction else { throw error }
            try connection.run("ROLLBACK TO SAVEPOINT caller")
            try connection.run("RELEASE SAVEPOINT caller")
            return { job.fail(error) }
        }
    }
}
