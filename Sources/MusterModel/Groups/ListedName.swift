/// Names of rules, selections and policies: one line that lists can show.
package enum ListedName {
    package static let bytes = 1...100
    package static let allowed = "one line of 1 to \(bytes.upperBound) bytes without spaces around it"

    package static func isName(_ name: String) -> Bool {
        bytes.contains(name.utf8.count) && SettingFormat.line.accepts(name) && name.first != " " && name.last != " "
    }
}
