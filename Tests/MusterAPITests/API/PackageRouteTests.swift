import Foundation
import MusterAPI
import MusterModel
import MusterServer
import MusterTestKit
import MusterTrust
import NIOHTTP1
import Testing

/// `packages`: properties, warnings and downloads.
struct PackageRouteTests {
    private static let certificate: [UInt8] = [1, 2, 3]

    private func with(_ base: String = "/nonexistent/base.deb", _ body: (APIFixture) async throws -> Void) async throws {
        try await APIFixture.with { configuration in
            configuration.packages = PackageSources(
                agentBase: base, serverCertificate: { Self.certificate },
                resolve: { name in
                    switch name {
                    case "muster.example.com": .addresses(["203.0.113.9"])
                    case "inside.example.com": .addresses(["10.0.0.9"])
                    default: .failed
                    }
                })
        } _: { api in
            try await body(api)
        }
    }

    private func create(_ api: APIFixture, _ json: String) async throws -> PackageEntry {
        let answer = try await api.client.send(.POST, APIPath.packages, json: json)
        #expect(answer.status == 201, "\(String(decoding: answer.body, as: UTF8.self))")
        return try answer.value()
    }

    @Test func makesShowsEditsAndDeletes() async throws {
        try await with { api in
            let made = try await create(api, #"{"name":"Office 1","servers":["muster.example.com"]}"#)
            #expect(made.servers == ["muster.example.com:13000"] && made.udpPort == 13_000 && made.revision == 1)
            #expect(made.tokenLifeSeconds == 14 * 86_400 && made.tokenUses == 100 && !made.permanentConnection)
            #expect(made.syncIntervalSeconds == nil && made.proxy == nil && made.warnings == [])
            let path = APIPath.filled(APIPath.onePackage, made.id)
            let edited: PackageEntry = try await api.client.send(
                .PATCH, path,
                json: #"""
                    {"proxy":"http://u:secret@p.example.com","syncIntervalSeconds":300,"connectionRequests":true,"requestPort":15001,
                    "firewall":true,"permanentConnection":true,"servers":["muster.example.com","192.168.1.1:443"]}
                    """#, headers: [("If-Match", "\"1\"")]
            ).value()
            #expect(edited.revision == 2 && edited.proxy == "http://u@p.example.com:3128")
            #expect(edited.syncIntervalSeconds == 300 && edited.requestPort == 15_001 && edited.firewall == true)
            #expect(edited.servers == ["muster.example.com:13000", "192.168.1.1:443"])
            #expect(edited.warnings?.map(\.code) == ["privateAddress", "addressNotName"])
            let unset: PackageEntry = try await api.client.send(
                .PATCH, path, json: #"{"proxy":null,"syncIntervalSeconds":null,"firewall":null}"#
            ).value()
            #expect(unset.proxy == nil && unset.syncIntervalSeconds == nil && unset.firewall == nil)
            #expect(unset.connectionRequests == true && unset.requestPort == 15_001)
            let shown = try await api.client.get(path)
            #expect(shown.headers.first(name: "ETag") == "\"3\"")
            #expect(!String(decoding: shown.body, as: UTF8.self).contains("secret"))
            let stale = try await api.client.send(.PATCH, path, json: #"{"name":"x"}"#, headers: [("If-Match", "\"2\"")])
            #expect(stale.status == 412)
            let again = try await api.client.send(
                .POST, APIPath.packages, json: #"{"name":"Office 1","servers":["muster.example.com"]}"#)
            #expect(again.status == 409 && again.problem?.detail.contains("'Office 1'") == true)
            let page: Page<PackageEntry> = try await api.client.get(APIPath.packages).value()
            #expect(page.items.map(\.name) == ["Office 1"])
            #expect(try await api.client.send(.DELETE, path).status == 204)
            #expect(try await api.client.get(path).status == 404)
        }
    }

    /// Any address may be entered: what is doubtful is said, not refused.
    @Test func warnings() async throws {
        try await with { api in
            let made = try await create(
                api, #"{"name":"a","servers":["nowhere.example.com","inside.example.com","muster.example.com","203.0.113.9"]}"#)
            #expect(made.warnings?.map(\.code) == ["unresolved", "privateAddress", "addressNotName"])
            #expect(made.warnings?.map(\.server).first == "nowhere.example.com:13000")
        }
    }

    @Test(arguments: [
        #"{"servers":["a.example.com"]}"#, #"{"name":"a"}"#, #"{"name":"a","servers":[]}"#, #"{"name":"a","servers":["a b"]}"#,
        #"{"name":"a","servers":["a.example.com:0"]}"#, #"{"name":"a","servers":["a.example.com","a.example.com:13000"]}"#,
        #"{"name":"a\nb","servers":["a.example.com"]}"#, #"{"name":"a","servers":["a.example.com"],"udpPort":0}"#,
        #"{"name":"a","servers":["a.example.com"],"udpPort":65536}"#,
        #"{"name":"a","servers":["a.example.com"],"requestPort":80}"#,
        #"{"name":"a","servers":["a.example.com"],"syncIntervalSeconds":59}"#,
        #"{"name":"a","servers":["a.example.com"],"syncIntervalSeconds":9223372036854775807}"#,
        #"{"name":"a","servers":["a.example.com"],"tokenLifeSeconds":-1}"#,
        #"{"name":"a","servers":["a.example.com"],"tokenUses":0}"#,
        #"{"name":"a","servers":["a.example.com"],"proxy":"https://p"}"#,
        #"{"name":"a","servers":["a.example.com"],"group":"x"}"#,
    ])
    func whatIsWrongIsRefusedByName(_ json: String) async throws {
        try await with { api in
            let answer = try await api.client.send(.POST, APIPath.packages, json: json)
            #expect(answer.status == 400, "\(json)")
            #expect(answer.problem?.errors?.isEmpty == false, "\(json)")
            let page: Page<PackageEntry> = try await api.client.get(APIPath.packages).value()
            #expect(page.items.isEmpty)
        }
    }

    @Test func aConnectionFileHasATokenOfItsOwn() async throws {
        try await with { api in
            let made = try await create(
                api,
                #"{"name":"Büro 1","servers":["muster.example.com","b.example.com:443"],"tokenUses":3,"proxy":"http://u:p@proxy"}"#
            )
            let path = APIPath.filled(APIPath.packageDownloads, made.id)
            let first = try await api.client.send(.POST, path + "?format=connection-file")
            #expect(first.status == 200)
            #expect(first.headers.first(name: "Content-Disposition") == #"attachment; filename="muster-agent-B-ro-1.connection""#)
            let file = try JSONDecoder().decode(ConnectionFile.self, from: first.body)
            #expect(file.package == "Büro 1" && file.pins == api.backend.pins && file.serverCertificate == Self.certificate)
            #expect(file.servers.map(\.description) == ["muster.example.com:13000", "b.example.com:443"])
            #expect(file.proxy?.url == "http://u:p@proxy:3128")
            let second = try await api.client.send(.POST, path + "?format=connection-file")
            let tokens = try [file.token, try JSONDecoder().decode(ConnectionFile.self, from: second.body).token].map {
                try EnrolmentTokenText($0).id
            }
            let page: Page<EnrolmentTokenEntry> = try await api.client.get(APIPath.enrolmentTokens).value()
            #expect(Set(page.items.map(\.id)) == Set(tokens) && tokens[0] != tokens[1])
            #expect(page.items.allSatisfy { $0.maximumUses == 3 && $0.expires == APIFixture.now + .days(14) })
            let shown: PackageEntry = try await api.client.get(APIPath.filled(APIPath.onePackage, made.id)).value()
            #expect(shown.downloads == 2)
            #expect(try await api.client.send(.POST, path + "?format=rpm").status == 400)
        }
    }

    @Test func withoutTheAgentsPackageADownloadSaysWhatToDoAndMakesNoToken() async throws {
        try await with { api in
            let made = try await create(api, #"{"name":"a","servers":["muster.example.com"]}"#)
            let answer = try await api.client.send(.POST, APIPath.filled(APIPath.packageDownloads, made.id))
            #expect(answer.status == 503)
            #expect(answer.problem?.knownCode == .agentBaseUnfit)
            #expect(answer.problem?.detail.contains("/nonexistent/base.deb") == true)
            let page: Page<EnrolmentTokenEntry> = try await api.client.get(APIPath.enrolmentTokens).value()
            #expect(page.items.isEmpty)
        }
    }

    /// By the command, into a file that dpkg reads.
    @Test func theCommandDownloadsWhatDpkgReads() async throws {
        let files = try TemporaryDirectory()
        try await SmallPackage.make(at: files.file("base.deb"), payload: 3_000_000)
        try await with(files.file("base.deb")) { api in
            let muster = try MusterCommand(api)
            let made = try await muster(
                "packages", "create", "Office", "--server-address", "muster.example.com", "--server-address", "10.0.0.1:443",
                "--interval", "5m",
                "--firewall", "on", "--permanent-connection", "on", "--token-uses", "5", "--output", "json"
            ).succeeded()
            #expect(made.error.contains("warning: 10.0.0.1 is a private address"))
            let entry = try APICoding.decode(PackageEntry.self, from: Data(made.output.utf8))
            #expect(
                entry.syncIntervalSeconds == 300 && entry.firewall == true && entry.permanentConnection && entry.tokenUses == 5)
            let path = files.file("office.deb")
            try await muster("packages", "download", "Office", "--to", path).succeeded()
            let attributes = try FileManager.default.attributesOfItem(atPath: path)
            #expect(attributes[.posixPermissions] as? Int == 0o600)
            let info = try await runProgram("/usr/bin/dpkg-deb", ["--info", path, "connection"]).succeeded()
            let file = try JSONDecoder().decode(ConnectionFile.self, from: Data(info.output.utf8))
            #expect(file.package == "Office" && file.servers.count == 2)
            let contents = try await runProgram("/usr/bin/dpkg-deb", ["--contents", path]).succeeded()
            #expect(contents.output.contains("payload"))
            try await muster("packages", "edit", "Office", "--interval", "-", "--name", "Head office").succeeded()
            let shown = try await muster("packages", "show", "Head office", "--output", "json").object()
            #expect(shown["syncIntervalSeconds"] == nil && shown["downloads"] as? Int == 1)
            #expect(try await muster("packages", "edit", "Head office", "--revision", "1", "--udp-port", "1").status == 1)
            #expect(try await muster("packages", "list").output.contains("Head office"))
            #expect(try await muster("packages", "show", "Head office", "--devices", "--output", "json").output == "[]\n")
            let connection = files.file("office.connection")
            try await muster("packages", "download", "Head office", "--connection-file", "--to", connection).succeeded()
            #expect(FileManager.default.contents(atPath: connection)?.first == UInt8(ascii: "{"))
            #expect(try await muster("packages", "download", "nobody", "--to", files.file("no")).status == 1)
            #expect(!FileManager.default.fileExists(atPath: files.file("no.part")))
            try await muster("packages", "delete", "Head office").succeeded()
            #expect(try await muster("packages", "create", "x").status == 64)
        }
    }
}

/// A package with what an agent's has, but for the agent.
enum SmallPackage {
    static func make(at path: String, payload: Int) async throws {
        let script = """
            set -e
            work=$(mktemp -d)
            trap 'rm -rf "$work"' EXIT
            cd "$work"
            mkdir -p tree/DEBIAN tree/opt
            printf 'Package: small\\nVersion: 1.0\\nArchitecture: all\\nMaintainer: A <a@b.c>\\nDescription: x\\n' >tree/DEBIAN/control
            head -c "$2" /dev/urandom >tree/opt/payload
            dpkg-deb --root-owner-group --no-uniform-compression -Zgzip -z1 --build tree compressed.deb >/dev/null
            ar x compressed.deb
            gunzip control.tar.gz
            ar rcD "$1" debian-binary control.tar data.tar.gz
            """
        try await runProgram("/bin/bash", ["-c", script, "bash", path, "\(payload)"]).succeeded()
    }
}
