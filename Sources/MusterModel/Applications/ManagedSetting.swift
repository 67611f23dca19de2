/// A value that policies, or an administrator for one device, give a setting.
package struct ManagedSetting: Hashable, Sendable, Codable {
    package var value: ManagedValue
    /// Neither groups below nor the device itself may have another.
    package var isLocked: Bool

    package init(_ value: ManagedValue, isLocked: Bool = false) {
        self.value = value
        self.isLocked = isLocked
    }

    private enum CodingKeys: String, CodingKey {
        case value
        case isLocked = "locked"
    }
}
