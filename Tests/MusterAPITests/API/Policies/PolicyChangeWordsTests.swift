import MusterModel
import Testing

@testable import MusterServer

@Suite("What a policy's history says was done")
struct PolicyChangeWordsTests {
    private func setting(_ minutes: Int64, locked: Bool = false) -> ManagedSetting {
        ManagedSetting(.duration(.minutes(minutes)), isLocked: locked)
    }

    private func profile(_ name: String, when condition: String = "tag = a", _ settings: [String: ManagedSetting] = [:])
        -> PolicyProfile
    {
        PolicyProfile(name: name, condition: condition, settings: settings)
    }

    @Test func valuesAndLocks() {
        let old = ["a": setting(1), "b": setting(2), "c": setting(3, locked: true), "same": setting(4)]
        let new = ["a": setting(1, locked: true), "c": setting(3), "d": setting(5, locked: true), "same": setting(4)]
        #expect(
            PolicyChangeWords.settings(from: old, to: new)
                == ["a locked", "b not set any more", "c not locked any more", "d = 5m, locked"])
    }

    @Test func secretsAreNotSaid() {
        let new = ["proxy-password": ManagedSetting(.secret(SecretValue(bytes: Array("hunter2".utf8))))]
        #expect(PolicyChangeWords.settings(from: [:], to: new).allSatisfy { !$0.contains("hunter2") })
    }

    @Test func profilesAreNamedOnlyWhereTheyChanged() {
        let old = [profile("night", ["a": setting(1)]), profile("day"), profile("gone")]
        let new = [profile("day", when: "tag = b"), profile("night", ["a": setting(2)]), profile("new", ["a": setting(3)])]
        #expect(
            PolicyChangeWords.profiles(from: old, to: new) == [
                "profile 'gone' taken out", "profile 'day': when tag = b", "profile 'night': a = 2m",
                "profile 'new' added: when tag = a; a = 3m", "order of profiles: day, night, new",
            ])
        #expect(PolicyChangeWords.profiles(from: old, to: old) == [])
    }
}
