import MusterModel
import Testing

@testable import MusterServer

@Suite("Groups, rules and policies of a server")
struct AdministrationTests {
    private let warsaw = AdministrationGroup(id: .random(), parent: .root, name: "Warsaw")
    private let office: AdministrationGroup
    private let now = Timestamp(milliseconds: 1_790_000_000_000)

    init() { office = AdministrationGroup(id: .random(), parent: warsaw.id, name: "Office") }

    private func administration(rules: [DeviceRule] = [], policies: [Policy] = [], defaultGroup: GroupID? = .root)
        -> Administration
    {
        Administration(groups: [warsaw, office], defaultGroup: defaultGroup, rules: rules, policies: policies)
    }

    private func facts(_ name: String, os: String = "Debian GNU/Linux 12 (bookworm)") -> DeviceFacts {
        var facts = DeviceFacts(name: name, now: now)
        facts.operatingSystem = os
        return facts
    }

    private func rule(_ condition: String, _ effect: DeviceRule.Effect, isEnabled: Bool = true) -> DeviceRule {
        DeviceRule(id: .random(), name: condition, condition: condition, effect: effect, isEnabled: isEnabled)
    }

    @Test func theFirstRuleThatHoldsMovesADevice() {
        let administration = administration(rules: [
            rule("name ~ off-*", .move(to: office.id), isEnabled: false), rule("name ~ w-*", .move(to: warsaw.id)),
            rule("os ~ Debian*", .move(to: office.id)), rule("name ~ x-*", .move(to: nil)),
        ])
        #expect(administration.standing(of: facts("w-1"), placement: .automatic, ownTags: []).group == warsaw.id)
        #expect(administration.standing(of: facts("off-1"), placement: .automatic, ownTags: []).group == office.id)
        #expect(administration.standing(of: facts("x-1", os: "Ubuntu"), placement: .automatic, ownTags: []).group == nil)
        #expect(administration.standing(of: facts("y-1", os: "Ubuntu"), placement: .automatic, ownTags: []).group == .root)
    }

    @Test func whatIsPlacedByHandIsMovedByNoRule() {
        let administration = administration(rules: [rule("os ~ Debian*", .move(to: office.id))])
        #expect(administration.standing(of: facts("a"), placement: .fixed(warsaw.id), ownTags: []).group == warsaw.id)
        #expect(administration.standing(of: facts("a"), placement: .fixed(nil), ownTags: []).group == nil)
        // The group was deleted meanwhile.
        #expect(administration.standing(of: facts("a"), placement: .fixed(.random()), ownTags: []).group == nil)
    }

    @Test func rulesGiveTagsThatMovingRulesAndProfilesAskFor() {
        let profile = PolicyProfile(
            name: "fast", condition: "tag = web and group under /Warsaw",
            settings: [NetworkAgentKey.syncInterval: ManagedSetting(.duration(.minutes(1)))])
        let policy = Policy(
            id: .random(), application: .networkAgent, group: .root, name: "all", content: PolicyContent(profiles: [profile]))
        let administration = administration(
            rules: [rule("name ~ web-*", .tag("web")), rule("tag = web", .move(to: office.id))], policies: [policy])
        let standing = administration.standing(of: facts("web-1"), placement: .automatic, ownTags: ["own"])
        #expect(standing.tags == ["own", "web"])
        #expect(standing.group == office.id)
        #expect(standing.profiles == [policy.id: [0]])
        let effective = administration.effective(.networkAgent, for: standing, own: [:])
        #expect(effective[NetworkAgentKey.syncInterval] == .duration(.minutes(1)))
        #expect(administration.standing(of: facts("web-1"), placement: .fixed(.root), ownTags: []).profiles == [:])
    }

    @Test func outsideOfGroupsNoPolicyHolds() {
        let policy = Policy(
            id: .random(), application: .networkAgent, group: .root, name: "all",
            content: PolicyContent(settings: [NetworkAgentKey.firewall: ManagedSetting(.onOff(true), isLocked: true)]))
        let administration = administration(policies: [policy], defaultGroup: nil)
        let standing = administration.standing(of: facts("a"), placement: .automatic, ownTags: [])
        #expect(standing == DeviceStanding())
        #expect(administration.effective(.networkAgent, for: standing, own: [:])[NetworkAgentKey.firewall] == .onOff(false))
    }

    @Test func onePolicyOfAnApplicationIsActiveInAGroup() {
        func policy(_ minutes: Int64, isActive: Bool) -> Policy {
            Policy(
                id: .random(), application: .networkAgent, group: warsaw.id, name: "\(minutes)", isActive: isActive,
                content: PolicyContent(settings: [NetworkAgentKey.syncInterval: ManagedSetting(.duration(.minutes(minutes)))]))
        }
        let (first, second) = (policy(5, isActive: true), policy(10, isActive: false))
        var administration = administration(policies: [first, second])
        #expect(administration.policies(of: .networkAgent, in: office.id).map(\.policy.id) == [first.id])
        var activated = second
        activated.isActive = true
        administration.set(activated)
        #expect(administration.policies(of: .networkAgent, in: office.id).map(\.policy.id) == [second.id])
        #expect(administration.policies[first.id]?.policy.isActive == false)
        administration.remove(second.id)
        #expect(administration.policies(of: .networkAgent, in: office.id).isEmpty)
    }

    @Test func inventoriesAreAskedOnlyForWhatRulesAndProfilesWant() {
        let profile = PolicyProfile(name: "old", condition: "installed openssl < 3.0.17")
        let policy = Policy(
            id: .random(), application: .services, group: .root, name: "p", content: PolicyContent(profiles: [profile]))
        var administration = administration(rules: [rule("installed nginx", .tag("web"))], policies: [policy])
        #expect(administration.installedConditions.map(\.name).sorted() == ["nginx", "openssl"])
        administration.remove(policy.id)
        #expect(administration.installedConditions.map(\.name) == ["nginx"])
    }

    @Test func aConditionThatIsNotUnderstoodHoldsForNobody() {
        let administration = administration(rules: [rule("colour = red", .move(to: office.id))])
        #expect(administration.standing(of: facts("a"), placement: .automatic, ownTags: []).group == .root)
    }
}
