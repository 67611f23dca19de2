import MusterTestKit
import Testing

/// Runs at most a few of the tests that start servers at once: more of them only wait for each other on two cores, and run into bounds.
struct FewAtATime: SuiteTrait, TestTrait, TestScoping {
    private static let seats = Seats(count: 4)

    let isRecursive = true

    /// Each test, not the suite around it.
    func scopeProvider(for test: Test, testCase: Test.Case?) -> Self? { testCase == nil ? nil : self }

    func provideScope(
        for test: Test, testCase: Test.Case?, performing function: @concurrent @Sendable () async throws -> Void
    ) async throws {
        await Self.seats.take()
        defer { Self.seats.leave() }
        try await function()
    }
}

extension Trait where Self == FewAtATime {
    static var fewAtATime: Self { Self() }
}
