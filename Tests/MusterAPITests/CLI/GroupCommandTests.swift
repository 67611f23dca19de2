import Foundation
import MusterAPI
import MusterModel
import MusterServer
import MusterTestKit
import Testing

/// `muster groups`, `moving-rules`, `tag-rules`, `selections`, and devices chosen by them.
struct GroupCommandTests {
    @Test func groups() async throws {
        try await APIFixture.with { api in
            let muster = try MusterCommand(api)
            for path in ["/Warsaw", "/Warsaw/Front office", "/Kraków"] {
                #expect(try await muster("groups", "create", path).status == 0, "\(path)")
            }
            #expect(try await muster("groups", "rename", "/Kraków", "Krakow").status == 0)
            #expect(try await muster("groups", "move", "/Krakow", "--to", "/Warsaw").status == 0)
            let list = try await muster("groups", "list", "--output", "json").objects()
            #expect(list.compactMap { $0["path"] as? String } == ["/", "/Warsaw", "/Warsaw/Front office", "/Warsaw/Krakow"])
            _ = try await api.device("alpha")
            #expect(try await muster("devices", "move", "alpha", "--to", "/Warsaw/Front office").status == 0)
            let shown = try await muster("devices", "show", "alpha").output
            #expect(shown.contains("/Warsaw/Front office, by hand"))
            #expect(try await muster("groups", "show", "/Warsaw").output.contains(/Devices with those below +1/))
            let refused = try await muster("groups", "delete", "/Warsaw/Front office")
            #expect(
                refused.status == 1 && refused.error.contains("1 device placed in it") && refused.error.contains("groupInUse"))
            #expect(try await muster("groups", "delete", "/Warsaw/Front office", "--devices-to", "/Warsaw/Krakow").status == 0)
            #expect(try await muster("devices", "show", "alpha").output.contains("/Warsaw/Krakow, by hand"))
            #expect(try await muster("devices", "move", "alpha", "--unassigned").status == 0)
            #expect(try await muster("devices", "show", "alpha").output.contains("unassigned, by hand"))
            #expect(try await muster("devices", "move", "alpha").status == 64)
            #expect(try await muster("settings", "default-group", "/Warsaw").output.contains("/Warsaw"))
            let nowhere = try await muster("groups", "show", "/\u{1b}[31mred")
            #expect(nowhere.status == 1 && !nowhere.error.contains("\u{1b}"))
        }
    }

    @Test func whatNamesAGroupThatIsDeletedIsSaid() async throws {
        try await APIFixture.with { api in
            let muster = try MusterCommand(api)
            try await muster("groups", "create", "/Warsaw").succeeded()
            try await muster("selections", "create", "there", "--filter", "group = /Warsaw").succeeded()
            let refused = try await muster("groups", "delete", "/Warsaw")
            #expect(
                refused.status == 1 && refused.error.contains("1 selection that names it ('there')")
                    && refused.error.contains("--leave-expressions"), "\(refused.error)")
            try await muster("groups", "delete", "/Warsaw", "--leave-expressions").succeeded()
            #expect(try await muster("selections", "show", "there").succeeded().output.contains("group = /Warsaw"))
        }
    }

    @Test func rules() async throws {
        try await APIFixture.with { api in
            let muster = try MusterCommand(api)
            try await api.backend.devicesEdited([try await api.device("web1")])
            _ = try await muster("groups", "create", "/Web")
            let dry = try await muster("moving-rules", "create", "web", "--when", "name ~ web*", "--to", "/Web", "--dry-run")
            #expect(dry.status == 0 && dry.output.contains("Devices that would move: 1") && dry.output.contains("web1"))
            #expect(try await muster("moving-rules", "list", "--output", "json").output == "[]\n")
            let made = try await muster("moving-rules", "create", "web", "--when", "name ~ web*", "--to", "/Web")
            #expect(made.status == 0)
            #expect(try await muster("moving-rules", "create", "rest", "--when", "name ~ *", "--to", "unassigned").status == 0)
            #expect(try await muster("devices", "show", "web1").output.contains("/Web, by rule"))
            #expect(try await muster("moving-rules", "order", "rest", "web").status == 0)
            #expect(try await muster("devices", "show", "web1").output.contains("unassigned, by rule"))
            #expect(try await muster("moving-rules", "edit", "rest", "--enabled", "off").status == 0)
            #expect(try await muster("moving-rules", "delete", "rest").status == 0)
            #expect(try await muster("moving-rules", "order").status == 64)
            let wrong = try await muster("moving-rules", "create", "x", "--when", "group = /", "--to", "/")
            #expect(wrong.status == 1 && wrong.error.contains("'group'"))
            #expect(try await muster("tag-rules", "create", "web", "--when", "name ~ web*", "--tag", "web").status == 0)
            #expect(try await muster("devices", "show", "web1").output.contains("web (by rule)"))
            #expect(try await muster("devices", "tag", "web1", "--add", "old", "--remove", "test").status == 0)
            let tags = try await muster("devices", "show", "web1", "--output", "json").object()["tags"] as? [String]
            #expect(tags == ["old", "web"])
        }
    }

    @Test func devicesThatWereSoAlreadyAreCountedApart() async throws {
        try await APIFixture.with { api in
            let muster = try MusterCommand(api)
            try await api.backend.devicesEdited([try await api.device("a"), try await api.device("b")])
            func said(_ arguments: String...) async throws -> String {
                try await muster.run(["devices"] + arguments).succeeded().output
            }
            #expect(try await said("tag", "a", "--add", "web").contains(/Tagged +1 device\n/))
            #expect(try await said("tag", "a", "b", "--add", "web").contains("1 device; 1 was tagged so by hand already"))
            #expect(try await said("tag", "a", "b", "--remove", "old").contains("no device: 2 were tagged so by hand already"))
            #expect(try await said("move", "a", "b", "--to", "/").contains(/Moved +2 devices\n/))
            #expect(try await said("move", "a", "--to", "/").contains("no device: 1 was placed so already"))
            #expect(try await said("approve", "b").contains("no device: 1 was approved already"))
            let json = try await muster("devices", "tag", "a", "b", "--remove", "web", "--add", "x", "--output", "json").object()
            #expect(json["devices"] as? Int == 2 && json["changed"] as? Int == 2)
        }
    }

    @Test func devicesAreChosenByOptionsThatAreOneExpression() async throws {
        try await APIFixture.with { api in
            let muster = try MusterCommand(api)
            let ids = [try await api.device("alpha"), try await api.device("beta")]
            try await api.backend.devicesEdited(ids)
            try await api.installed(ids[1], [.init(source: "dpkg", name: "openssl", version: "3.0.16-1")])
            _ = try await muster("devices", "tag", "alpha", "beta", "--add", "web")
            func names(_ arguments: String...) async throws -> [String] {
                let outcome = try await muster.run(["devices", "list", "--output", "json"] + arguments)
                #expect(outcome.status == 0, "\(outcome.error)")
                return try outcome.objects().compactMap { $0["name"] as? String }
            }
            #expect(try await names("--tag", "web") == ["alpha", "beta"])
            #expect(try await names("--tag", "web", "--installed", "openssl < 3.0.17") == ["beta"])
            #expect(try await names("--tag", "web", "--filter", "name = alpha or name = gamma") == ["alpha"])
            #expect(try await names("--group", "/", "--not-synchronized-for", "3d") == ["alpha", "beta"])
            #expect(try await names("--name", "b*") == ["beta"])
            #expect(try await names("--group", "unassigned") == [])
            #expect(try await muster("selections", "create", "old openssl", "--installed", "openssl < 3.0.17").status == 0)
            #expect(try await names("--selection", "old openssl") == ["beta"])
            #expect(try await muster("selections", "edit", "old openssl", "--name", "a*").status == 0)
            #expect(try await names("--selection", "old openssl") == ["alpha"])
            #expect(try await muster("selections", "show", "old openssl").output.contains("name ~ \"a*\""))
            #expect(try await muster("selections", "delete", "old openssl").status == 0)
            #expect(try await muster("selections", "list", "--output", "json").output == "[]\n")
            #expect(try await muster("selections", "create", "nothing").status == 64)
            let wrong = try await muster("devices", "list", "--filter", "statsu = ok")
            #expect(wrong.status == 64 && wrong.error.contains("column 1") && wrong.error.contains("'status'"))
            #expect(try await muster("devices", "sync", "alpha", "--tag", "web").status == 64)
        }
    }
}
