/// One caller's part of a transaction, and how to tell the caller.
struct WriteJob: Sendable {
    /// Runs the statements; hands back how to tell the caller once all of it is committed.
    let run: @Sendable (any DatabaseConnection) throws(StoreError) -> @Sendable () -> Void
    let fail: @Sendable (StoreError) -> Void
    /// Hundreds of rows: it waits apart, see `WriteQueue`.
    let isLarge: Bool

    init<Value: Sendable>(
        isLarge: Bool = false,
        _ body: @escaping @Sendable (any DatabaseConnection) throws(StoreError) -> Value,
        tell: @escaping @Sendable (Result<Value, StoreError>) -> Void
    ) {
        self.isLarge = isLarge
        run = { connection throws(StoreError) in
            let value = try body(connection)
            return { tell(.success(value)) }
        }
        fail = { tell(.failure($0)) }
    }
}
