import MusterModel
import Testing

@Suite("Effective settings")
struct EffectiveSettingsTests {
    private let key = NetworkAgentKey.syncInterval

    private func minutes(_ count: Int64) -> ManagedValue { .duration(.minutes(count)) }

    private func policy(_ name: String, _ minutes: Int64?, locked: Bool = false, profiles: [PolicyProfile] = []) -> Policy {
        let settings = minutes.map { [key: ManagedSetting(self.minutes($0), isLocked: locked)] } ?? [:]
        return Policy(
            id: .random(), application: .networkAgent, group: .random(), name: name,
            content: PolicyContent(settings: settings, profiles: profiles))
    }

    private func effective(_ policies: [AppliedPolicy], own: Int64? = nil) -> EffectiveSetting? {
        EffectiveSettings(.networkAgent, policies: policies, own: own.map { [key: minutes($0)] } ?? [:]).settings[key]
    }

    @Test func withoutAnyPolicyTheApplicationsOwnValueIsInForce() {
        let setting = effective([])
        #expect(setting?.value == minutes(15))
        #expect(setting?.origin == .standard)
        #expect(setting?.overrides == [])
        #expect(EffectiveSettings(.networkAgent, policies: [], own: [:]).managed.isEmpty)
    }

    @Test func theNearestPolicyUpTheTreeIsInForce() {
        let (root, office) = (policy("root", 5), policy("office", 10))
        let setting = effective([AppliedPolicy(root), AppliedPolicy(office)])
        #expect(setting?.value == minutes(10))
        #expect(setting?.origin == .policy(office.id))
        #expect(setting?.overrides.map(\.origin) == [.policy(root.id), .standard])
    }

    @Test func theDevicesOwnValueGoesBeforePoliciesThatAreNotLocked() {
        let setting = effective([AppliedPolicy(policy("root", 5))], own: 3)
        #expect(setting?.value == minutes(3))
        #expect(setting?.origin == .device)
    }

    @Test func aLockedValueNearestTheRootGoesBeforeAll() {
        let (root, office, desk) = (policy("root", 5), policy("office", 10, locked: true), policy("desk", 20, locked: true))
        let setting = effective([AppliedPolicy(root), AppliedPolicy(office), AppliedPolicy(desk)], own: 3)
        #expect(setting?.value == minutes(10))
        #expect(setting?.isLocked == true)
        #expect(setting?.overrides.map(\.origin) == [.policy(desk.id), .device, .policy(root.id), .standard])
    }

    @Test func aProfileChangesItsPolicyAndALaterOneChangesAnEarlier() {
        let profiles = [
            PolicyProfile(name: "slow", condition: "tag = slow", settings: [key: ManagedSetting(minutes(60))]),
            PolicyProfile(name: "fast", condition: "tag = fast", settings: [key: ManagedSetting(minutes(1))]),
        ]
        let office = policy("office", 10, profiles: profiles)
        #expect(effective([AppliedPolicy(office)])?.value == minutes(10))
        #expect(effective([AppliedPolicy(office, profiles: [0])])?.origin == .profile(office.id, name: "slow"))
        let both = effective([AppliedPolicy(office, profiles: [0, 1])])
        #expect(both?.value == minutes(1))
        #expect(both?.overrides.map(\.value) == [minutes(60), minutes(10), minutes(15)])
    }

    @Test func aProfileCanUnlockWhatItsPolicyLocked() {
        let profiles = [PolicyProfile(name: "free", condition: "tag = free", settings: [key: ManagedSetting(minutes(60))])]
        let office = policy("office", 10, locked: true, profiles: profiles)
        #expect(effective([AppliedPolicy(office)], own: 3)?.value == minutes(10))
        #expect(effective([AppliedPolicy(office, profiles: [0])], own: 3)?.value == minutes(3))
    }

    @Test func aValueOfAnotherKindIsNone() {
        var wrong = policy("wrong", nil)
        wrong.content.settings[key] = ManagedSetting(.text("often"), isLocked: true)
        #expect(effective([AppliedPolicy(wrong)])?.origin == .standard)
    }

    /// Against the rule as it is written in the design, word by word.
    @Test(arguments: 0..<500)
    func itIsTheRule(_ seed: UInt64) {
        var generator = Draws(seed: seed)
        let policies = (0..<Int.random(in: 0...5, using: &generator)).map { _ in
            policy(
                "p", Bool.random(using: &generator) ? Int64.random(in: 1...600, using: &generator) : nil,
                locked: Bool.random(using: &generator))
        }
        let own: Int64? = Bool.random(using: &generator) ? Int64.random(in: 1...600, using: &generator) : nil
        let entries = policies.map { $0.content.settings[key] }
        let lockedNearestRoot = entries.compactMap { $0 }.first { $0.isLocked }?.value
        let nearest = entries.compactMap { $0 }.last?.value
        let expected = lockedNearestRoot ?? own.map(minutes) ?? nearest ?? minutes(15)
        let setting = effective(policies.map { AppliedPolicy($0) }, own: own)
        #expect(setting?.value == expected)
        // Nothing that was said is lost from sight.
        #expect(setting?.overrides.count == entries.compactMap { $0 }.count + (own == nil ? 0 : 1))
    }
}

/// The same draws for the same seed (SplitMix64).
private struct Draws: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var value = state
        value = (value ^ (value >> 30)) &* 0xBF58_476D_1CE4_E5B9
        value = (value ^ (value >> 27)) &* 0x94D0_49BB_1331_11EB
        return value ^ (value >> 31)
    }
}
