import ArgumentParser
import MusterAPI
import MusterModel

extension Settings {
    /// `muster settings default-group`
    struct DefaultGroup: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "default-group",
            abstract: "Shows or changes the group of devices that no moving rule places; the root unless it is set.")
        @OptionGroup var global: GlobalOptions
        @Argument(help: "A group's path or id, or unassigned; without it the setting is shown.") var group: String?

        func run() async throws {
            var request = APIRequest.get(APIPath.defaultGroup)
            if let group {
                request = .init(
                    method: .put, path: APIPath.defaultGroup, body: try APIClient.body(SetDefaultGroup(group: group)))
            }
            let wanted = request
            let setting = try await global.withClient { try await $0.call(wanted, as: DefaultGroupSetting.self) }
            try ItemPrinter.print(
                setting, global.output,
                members: [
                    ("default-group", setting.group?.path ?? GroupWord.unassigned), ("revision", String(setting.revision)),
                ])
        }
    }
}
