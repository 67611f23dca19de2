import MusterModel

/// Changes where devices are and which tags they have by hand, inside a transaction. Devices that are not there are left out.
struct PlacementWriter {
    /// Devices in one statement.
    private static let piece = 256

    let connection: any DatabaseConnection
    let principal: AuditPrincipal
    let now: Timestamp

    private struct Found {
        let name: String
        let revision: Int64
        let placement: Placement
        let awaitsApproval: Bool
    }

    /// - Parameter keepsApproval: those that wait for approval go on doing so, and come to the new place afterwards.
    @discardableResult
    func place(
        _ devices: [DeviceID], _ placement: Placement, expectedRevision: Int64?, keepsApproval: Bool = false
    ) throws(StoreError) -> EditedDevices {
        let details = try details(of: placement)
        let found = try fetch(devices, expectedRevision: expectedRevision)
        let changed = found.filter {
            $0.value.placement != placement || (!keepsApproval && $0.value.awaitsApproval)
        }
        try forEachPiece(of: changed.keys, from: 4) { list, values throws(StoreError) in
            try connection.run(
                """
                UPDATE device SET placement = $1, group_id = $2, approval = CASE WHEN $3 = 1 THEN approval ELSE 0 END
                WHERE id IN \(list)
                """, placement.columns + [.flag(keepsApproval)] + values)
        }
        return try settle(found, changed: changed, "place-device") { _ in details }
    }

    func approve(_ devices: [DeviceID], expectedRevision: Int64?) throws(StoreError) -> EditedDevices {
        let found = try fetch(devices, expectedRevision: expectedRevision)
        let changed = found.filter(\.value.awaitsApproval)
        try forEachPiece(of: changed.keys, from: 1) { list, values throws(StoreError) in
            try connection.run("UPDATE device SET approval = 0 WHERE id IN \(list)", values)
        }
        return try settle(found, changed: changed, "approve-device") { _ in [:] }
    }

    /// - Throws: `refused` for what is no tag, and when a device would have too many.
    func changeTags(
        of devices: [DeviceID], adding: Set<String>, removing: Set<String>, expectedRevision: Int64?
    ) throws(StoreError) -> EditedDevices {
        for tag in adding { try StoreError.checkTag(tag) }
        let found = try fetch(devices, expectedRevision: expectedRevision)
        let old = try fetchTags(of: Array(found.keys))
        var changed: [DeviceID: Found] = [:]
        for (device, row) in found {
            let tags = old[device] ?? []
            let new = tags.subtracting(removing).union(adding)
            guard new.count <= DeviceTag.maximumCount || new.count <= tags.count else {
                throw .refused("\(row.name) would have \(new.count) tags; a device has at most \(DeviceTag.maximumCount).")
            }
            if new != tags { changed[device] = row }
        }
        try write(adding: adding, removing: removing.subtracting(adding), to: changed.keys)
        let details: Parameters = [
            "added": .text(adding.sorted().joined(separator: ", ")),
            "removed": .text(removing.subtracting(adding).sorted().joined(separator: ", ")),
        ]
        return try settle(found, changed: changed, "tag-device") { _ in details }
    }

    private func write(
        adding: Set<String>, removing: Set<String>, to devices: some Collection<DeviceID>
    ) throws(StoreError) {
        try forEachPiece(of: devices, from: 2) { list, values throws(StoreError) in
            for tag in removing {
                try connection.run("DELETE FROM device_tag WHERE tag = $1 AND device IN \(list)", [.text(tag)] + values)
            }
            for tag in adding {
                try connection.run(
                    """
                    INSERT INTO device_tag (device, tag) SELECT id, $1 FROM device WHERE id IN \(list)
                    ON CONFLICT (device, tag) DO NOTHING
                    """, [.text(tag)] + values)
            }
        }
    }

    private func details(of placement: Placement) throws(StoreError) -> Parameters {
        switch placement {
        case .automatic: ["group": .text("automatic")]
        case .fixed(let group): try GroupRows(connection: connection).details(of: group)
        }
    }

    private func fetch(_ devices: [DeviceID], expectedRevision: Int64?) throws(StoreError) -> [DeviceID: Found] {
        let found = try connection.fetch(
            for: Array(Set(devices)),
            { "SELECT id, name, revision, placement, group_id, approval FROM device WHERE deleted IS NULL AND id IN \($0)" }
        ) { row throws(StoreError) in
            Found(
                name: try row.string(1), revision: try row.int(2), placement: try row.placement(at: 3),
                awaitsApproval: try row.flag(5))
        }
        for row in found.values { try StoreError.check(revision: row.revision, expected: expectedRevision) }
        return found
    }

    private func fetchTags(of devices: [DeviceID]) throws(StoreError) -> [DeviceID: Set<String>] {
        var tags: [DeviceID: Set<String>] = [:]
        try forEachPiece(of: devices, from: 1) { list, values throws(StoreError) in
            try connection.prepare("SELECT device, tag FROM device_tag WHERE device IN \(list)").run(values) {
                row throws(StoreError) in
                tags[try row.id(0), default: []].insert(try row.string(1))
            }
        }
        return tags
    }

    /// Counts the revisions of those that changed and writes down each.
    private func settle(
        _ found: [DeviceID: Found], changed: [DeviceID: Found], _ action: String, _ details: (DeviceID) -> Parameters
    ) throws(StoreError) -> EditedDevices {
        try forEachPiece(of: changed.keys, from: 1) { list, values throws(StoreError) in
            try connection.run("UPDATE device SET revision = revision + 1 WHERE id IN \(list)", values)
        }
        let changes = changed.map { device, row in
            (object: "\(device)", details: details(device).merging(["name": .text(row.name)]) { $1 })
        }
        try connection.audit(principal, action, "device", of: changes, now)
        return EditedDevices(
            revisions: found.reduce(into: [:]) { $0[$1.key] = $1.value.revision + (changed[$1.key] == nil ? 0 : 1) },
            changed: Set(changed.keys))
    }

    private func forEachPiece(
        of devices: some Collection<DeviceID>, from first: Int,
        _ body: (_ list: String, _ values: [SQLValue]) throws(StoreError) -> Void
    ) throws(StoreError) {
        try RowList.forEachPiece(of: Array(devices), limit: Self.piece) { piece throws(StoreError) in
            try body(RowList.list(piece.count, from: first), piece.map { .id($0) })
        }
    }
}

extension Placement {
    /// `placement`, `group_id`.
    fileprivate var columns: [SQLValue] {
        switch self {
        case .automatic: [.integer(0), .bytes(nil)]
        case .fixed(let group): [.integer(1), .id(group)]
        }
    }
}

extension DatabaseRow {
    /// The columns placement, group_id from `first` on.
    func placement(at first: Int) throws(StoreError) -> Placement {
        try flag(first) ? .fixed(optionalID(first + 1)) : .automatic
    }
}

extension StoreError {
    static func checkTag(_ tag: String) throws(StoreError) {
        guard DeviceTag.isTag(tag) else {
            throw .refused("'\(BoundedText.cut(tag, to: BoundedText.word))' is no tag: \(DeviceTag.allowed) are.")
        }
    }
}
