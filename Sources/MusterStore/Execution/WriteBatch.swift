/// Several callers' parts in one transaction, each under a savepoint of its own: what fails for one leaves the others as they are.
struct WriteBatch {
    let jobs: [WriteJob]

    /// Runs and commits.
    /// - Returns: how to tell each caller.
    /// - Throws: when nothing of the batch is stored, or it cannot be known.
    func commit(on connection: any DatabaseConnection) throws(StoreError) -> [@Sendable () -> Void] {
        do throws(StoreError) {
            try connection.run(connection.kind == .sqlite ? "BEGIN IMMEDIATE" : "BEGIN")
            var tellings: [@Sendable () -> Void] = []
            for job in jobs { tellings.append(try run(job, on: connection)) }
            try connection.run("COMMIT")
            return tellings
        } catch {
            if connection.isUsable, connection.isInTransaction { try? connection.script("ROLLBACK") }
            throw error
        }
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
