import MusterModel
import MusterTrust
import MusterWire
import Testing

@testable import MusterServer

@Suite("What devices are to have in force")
struct ComputedSettingsTests {
    private let box = SecretBox(key: [UInt8](repeating: 7, count: SecretBox.bytes))
    private let pins = [Fingerprint(hashing: [1])]

    private func computed(
        _ settings: [(ApplicationID, String, ManagedSetting)], own: [ApplicationID: [String: ManagedValue]] = [:],
        group: GroupID? = .root, catalogue: ApplicationCatalogue = ApplicationCatalogue()
    ) -> ComputedSettings {
        let policies = Set(settings.map(\.0)).map { application in
            let content = Dictionary(uniqueKeysWithValues: settings.filter { $0.0 == application }.map { ($0.1, $0.2) })
            return Policy(
                id: .random(), application: application, group: .root, name: "p", content: PolicyContent(settings: content))
        }
        let administration = Administration(groups: [], defaultGroup: .root, rules: [], policies: policies, catalogue: catalogue)
        let key = ComputedSettings.Key(standing: DeviceStanding.Place(group: group, profiles: [:]), own: own)
        return ComputedSettings(administration, key, base: AgentSettings(pins: pins), open: box.open)
    }

    @Test func theNetworkAgentsSettingsAreThoseOfItsDocument() throws {
        let password = try #require(box.seal("se:cret"))
        let computed = computed([
            (.networkAgent, NetworkAgentKey.syncInterval, ManagedSetting(.duration(.minutes(5)))),
            (.networkAgent, NetworkAgentKey.requestPort, ManagedSetting(.number(15_001))),
            (.networkAgent, NetworkAgentKey.serverAddresses, ManagedSetting(.list(["muster.example.com", "10.0.0.1:13001"]))),
            (.networkAgent, NetworkAgentKey.proxy, ManagedSetting(.text("http://me@proxy:3128"))),
            (.networkAgent, NetworkAgentKey.proxyPassword, ManagedSetting(.secret(password))),
        ])
        #expect(computed.agent.syncInterval.duration == .minutes(5))
        #expect(computed.agent.requests == RequestSettings(port: 15_001))
        #expect(computed.agent.pins == pins)
        #expect(computed.agent.connection?.servers.map(\.description) == ["muster.example.com:13000", "10.0.0.1:13001"])
        #expect(computed.agent.connection?.proxy?.password == "se:cret")
        #expect(computed.desired.isEmpty)
    }

    @Test func withoutPoliciesTheApplicationsStandardIsInForceAndNothingTravels() {
        let computed = computed([])
        #expect(computed.agent == AgentSettings(pins: pins))
        #expect(computed.status == .standard)
        #expect(computed.document(for: [ManifestKey(.services)]) == .empty)
    }

    @Test func onlyApplicationsThatADeviceHasTravelToIt() {
        let computed = computed([(.services, ServicesKey.watched, ManagedSetting(.list(["ssh.service"]), isLocked: true))])
        #expect(computed.document(for: []) == .empty)
        let document = computed.document(for: [ManifestKey(.services), ManifestKey(.networkAgent)])
        #expect(document.settings() == [.services: [ServicesKey.watched: ManagedSetting(.list(["ssh.service"]), isLocked: true)]])
        #expect(computed.parts[ManifestKey(.services)] == document.settings(of: .services).digest)
    }

    @Test func ofAnApplicationThatIsNotBuiltInADeviceGetsWhatItsOwnManifestKnowsAndAllows() throws {
        let web = try #require(ApplicationID("web"))
        func manifest(_ settings: [SettingDeclaration]) -> ApplicationManifest {
            ApplicationManifest(id: web, title: "Web", settings: settings)
        }
        let old = manifest([SettingDeclaration("port", .number(1...1000), title: "Port", help: "")])
        let new = manifest([
            SettingDeclaration("port", .number(1...65535), title: "Port", help: ""),
            SettingDeclaration("on", .onOff, title: "On", help: ""),
        ])
        let keys = [1, 2, 3].map { ManifestKey(web, digest: Digest(truncating: [$0])) }
        let catalogue = ApplicationCatalogue(
            accepted: zip(keys, [old, new]).compactMap { key, manifest in
                key.digest.map { ApplicationCatalogue.Accepted(digest: $0, manifest: manifest) }
            })
        func computed(port: Int64) -> ComputedSettings {
            self.computed(
                [(web, "port", ManagedSetting(.number(port))), (web, "on", ManagedSetting(.onOff(true)))], catalogue: catalogue)
        }
        #expect(computed(port: 80).document(for: [keys[0]]).settings() == [web: ["port": ManagedSetting(.number(80))]])
        #expect(computed(port: 8080).document(for: [keys[0]]) == .empty)
        #expect(
            computed(port: 8080).document(for: [keys[1]]).settings()
                == [web: ["port": ManagedSetting(.number(8080)), "on": ManagedSetting(.onOff(true))]])
        #expect(computed(port: 80).document(for: [keys[2]]) == .empty, "one that was not accepted")
        #expect(computed(port: 80).parts[keys[0]] == computed(port: 80).document(for: [keys[0]]).digest)
    }

    @Test func conditionsOfDeviceStatusStayAtTheServer() {
        let computed = computed([(.deviceStatus, DeviceStatusKey.diskWarning, ManagedSetting(.number(20)))])
        #expect(computed.status.diskWarning == 20)
        #expect(computed.desired.isEmpty)
    }

    @Test func aDeviceOutsideOfGroupsHasItsOwnValuesAlone() {
        let setting = ManagedSetting(.duration(.minutes(5)), isLocked: true)
        let computed = computed(
            [(.networkAgent, NetworkAgentKey.syncInterval, setting)],
            own: [.networkAgent: [NetworkAgentKey.firewall: .onOff(true)]], group: nil)
        #expect(computed.agent.syncInterval == .standard)
        #expect(computed.agent.requests.opensFirewall)
    }

    @Test func aSecretOfAnotherServerIsLeftOut() throws {
        let stranger = SecretBox(key: [UInt8](repeating: 8, count: SecretBox.bytes))
        let sealed = try #require(stranger.seal("secret"))
        #expect(box.open(sealed) == nil)
        #expect(box.open(SecretValue(bytes: [])) == nil)
        #expect(box.open(SecretValue(bytes: [UInt8](repeating: 0, count: 100))) == nil)
        #expect(box.seal("secret") != box.seal("secret"))
    }
}
