import MusterModel

/// In the columns `group_id`, `tags` (with commas between them), `approval` of tokens and packages.
extension EnrolmentTarget {
    var columns: [SQLValue] { [.id(group), .text(tags.joined(separator: ",")), .flag(needsApproval)] }

    /// - Throws: `refused` for a group or a tag that is none, and for too many tags.
    func check(_ connection: any DatabaseConnection) throws(StoreError) {
        if let group { _ = try GroupRows(connection: connection).name(of: group) }
        guard Set(tags).count <= DeviceTag.maximumCount else {
            throw .refused("A device has at most \(DeviceTag.maximumCount) tags.")
        }
        for tag in tags { try StoreError.checkTag(tag) }
    }

    /// For the audit trail; nothing where there is none.
    var details: Parameters {
        var details: Parameters = [:]
        if let group { details["group"] = .text("\(group)") }
        if !tags.isEmpty { details["tags"] = .text(tags.joined(separator: ", ")) }
        if needsApproval { details["approval"] = .text("yes") }
        return details
    }
}

extension DatabaseRow {
    /// The columns group_id, tags, approval from `first` on.
    func target(at first: Int) throws(StoreError) -> EnrolmentTarget {
        EnrolmentTarget(
            group: optionalID(first), tags: try string(first + 1).split(separator: ",").map(String.init),
            needsApproval: try flag(first + 2))
    }
}
