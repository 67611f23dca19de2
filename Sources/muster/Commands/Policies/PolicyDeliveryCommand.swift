import ArgumentParser
import MusterAPI
import MusterModel

extension Policies {
    /// `muster policies delivery`
    struct Delivery: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Shows how far a policy has come to its devices.",
            discussion: """
                pending: the device does not have it yet; delivered: it has it and has not said what became of it; applied: in force; \
                failed: the last good settings are in force; not-supported: the device has no such application. With --watch a \
                line comes each time the numbers change, until no device is pending or delivered, or the time is up; as JSON \
                one object a line. Exit code 3 of --watch: not applied on all of them.
                """)
        @OptionGroup var global: GlobalOptions
        @OptionGroup var limit: LimitOption
        @Flag(help: "Each device, and why it failed.") var devices = false
        @Option(
            help: ArgumentHelp(
                "Only devices that are so far: \(DeliveryWords.codes.joined(separator: ", ")).", valueName: "state"))
        var state: DeliveryArgument?
        @Flag(help: "Follow it.") var watch = false
        @Option(help: "With --watch: how long at most; 10m unless given.", transform: DurationArgument.typed) var timeout =
            DurationArgument(
                .minutes(10))
        @Argument(help: .policy) var policy: String

        func validate() throws {
            guard !watch || (!devices && state == nil) else {
                throw ValidationError("--watch does not go with --devices or --state.")
            }
        }

        func run() async throws {
            guard watch else {
                return try await global.withClient { client in try await show(try await client.policy(policy), &client) }
            }
            let configuration = try global.configuration()
            let id = try await APIClient.with(configuration) { client in try await client.policy(policy).id }
            var follower = DeliveryFollower(policy: id, format: global.output)
            try await follower.follow(configuration, within: timeout.duration)
            guard follower.isApplied else {
                Console.remark(TerminalText.escaped(follower.advice(policy)))
                throw ExitCode(3)
            }
        }

        private func show(_ policy: PolicyEntry, _ client: inout APIClient) async throws {
            guard devices || state != nil else {
                let delivery: PolicyDelivery = try await client.get(APIPath.filled(APIPath.policyDelivery, policy.id))
                return try ItemPrinter.print(delivery, global.output, members: DeliveryWords.members(delivery, policy))
            }
            let query = state.map { [(name: "delivery", value: $0.code)] } ?? []
            try await client.printList(
                of: PolicyDeviceEntry.self, at: APIPath.filled(APIPath.policyDevices, policy.id), query: query,
                limit: limit.limit, global.output, empty: state.map { "No device is '\($0.code)'." } ?? "It has no devices.")
        }
    }
}

/// One of the words for how far settings have come.
struct DeliveryArgument: ExpressibleByArgument, Sendable {
    let code: String

    init?(argument: String) {
        guard DeliveryWords.codes.contains(argument) else { return nil }
        code = argument
    }

    static var allValueStrings: [String] { DeliveryWords.codes }
}

/// Follows how a policy comes to its devices: says the numbers each time they are others.
struct DeliveryFollower {
    /// Between two looks: what a person notices; two small answers a second.
    private static let period = Duration.milliseconds(500)

    let policy: PolicyID
    let format: OutputFormat
    private var said: PolicyDelivery?

    init(policy: PolicyID, format: OutputFormat) {
        self.policy = policy
        self.format = format
    }

    /// Whether it was in force, when it was last looked at, on all devices that have the application.
    var isApplied: Bool { said.map(DeliveryWords.isApplied) ?? false }

    /// What to look at when it is not.
    func advice(_ policy: String) -> String {
        let isOver = said.map(DeliveryWords.isOver) ?? false
        let state = isOver ? "failed" : (said?.counts["pending", default: 0] ?? 0) > 0 ? "pending" : "delivered"
        return
            "\(isOver ? "not in force everywhere" : "the time is up"): muster policies delivery '\(policy)' --devices --state \(state)"
    }

    mutating func follow(_ configuration: ClientConfiguration, within time: Duration) async throws {
        var looks = RepeatedLook(configuration, within: time, every: Self.period)
        _ = try await looks.until { client in
            let delivery: PolicyDelivery = try await client.get(APIPath.filled(APIPath.policyDelivery, self.policy))
            if let line = try self.line(delivery) { try Console.line(line) }
            return DeliveryWords.isOver(delivery)
        }
    }

    /// Nil when it was said.
    mutating func line(_ delivery: PolicyDelivery) throws -> String? {
        guard delivery != said else { return nil }
        said = delivery
        guard format == .table else { return try ListPrinter<PolicyDeviceEntry>.json(delivery) }
        return TerminalText.escaped(DeliveryWords.counts(delivery))
    }
}
