/// How it is decided in which administration group a device is.
package enum Placement: Hashable, Sendable {
    /// By the first moving rule that holds, else the default group.
    case automatic
    /// By hand, or by what it enrolled with; nil: *Unassigned*.
    case fixed(GroupID?)
}

/// A tag of a device: people give it by hand, or a rule does.
package enum DeviceTag {
    /// Of all given by hand to one device.
    package static let maximumCount = 64
    package static let allowed = "1 to 64 bytes without spaces, commas, quotes and control characters"

    package static func isTag(_ text: String) -> Bool {
        (1...64).contains(text.utf8.count)
            && text.unicodeScalars.allSatisfy { scalar in
                switch scalar.properties.generalCategory {
                case .control, .lineSeparator, .paragraphSeparator, .spaceSeparator, .surrogate, .format: false
                default: !",\"'\\".unicodeScalars.contains(scalar)
                }
            }
    }
}
