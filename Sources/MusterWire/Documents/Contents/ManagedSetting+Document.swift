import FoundationEssentials
package import MusterModel
import SwiftProtobuf

/// What a device is to have in force, by application and key. Secrets in it are open.
package typealias DesiredSettings = [ApplicationID: [String: ManagedSetting]]

/// Document `settings`: key = the application's id, 0, the key of the setting; value = `SettingItem`.
extension Document {
    package init(settings: DesiredSettings) {
        self.init(
            sorting: settings.flatMap { application, settings in
                settings.map { Item(setting: $0.key, of: application, $0.value) }
            })
    }

    /// Items of another kind, which a newer server may send, are left out.
    package func settings() -> DesiredSettings {
        var result: DesiredSettings = [:]
        for item in items() {
            let parts = item.key.split(separator: 0, maxSplits: 1, omittingEmptySubsequences: false)
            guard parts.count == 2, let application = ApplicationID(String(decoding: parts[0], as: UTF8.self)),
                let setting = (try? Muster_V1_SettingItem(serializedBytes: item.value))?.setting
            else { continue }
            result[application, default: [:]][String(decoding: parts[1], as: UTF8.self)] = setting
        }
        return result
    }

    /// What a document `settings` holds of one application, as a document of its own: what a device's result is about.
    package func settings(of application: ApplicationID) -> Document {
        let prefix = Array(application.description.utf8) + [0]
        return Document(sorting: items().filter { $0.key.starts(with: prefix) })
    }
}

extension Document.Item {
    fileprivate init(setting key: String, of application: ApplicationID, _ setting: ManagedSetting) {
        self.init(
            key: Array(application.description.utf8) + [0] + Array(key.utf8),
            value: (try? Muster_V1_SettingItem(setting).serializedBytes()) ?? [])
    }
}

extension Muster_V1_SettingItem {
    init(_ setting: ManagedSetting) {
        self.init()
        locked = setting.isLocked
        switch setting.value {
        case .onOff(let isOn): onOff = isOn
        case .number(let number): self.number = number
        case .duration(let duration): self.duration = duration.milliseconds
        case .text(let text): self.text = text
        case .list(let texts): list.texts = texts
        case .secret(let secret): self.secret = Data(secret.bytes)
        }
    }

    /// Nil for a kind of value that is not known here.
    var setting: ManagedSetting? {
        let value: ManagedValue? =
            switch value {
            case .onOff(let isOn): .onOff(isOn)
            case .number(let number): .number(number)
            case .duration(let milliseconds): .duration(.milliseconds(milliseconds))
            case .text(let text): .text(text)
            case .list(let list): .list(list.texts)
            case .secret(let bytes): .secret(SecretValue(bytes: Array(bytes)))
            case nil: nil
            }
        return value.map { ManagedSetting($0, isLocked: locked) }
    }
}
