import MusterModel

/// Gives a new device what its token brings along, inside the transaction of its enrolment.
struct TokenAdoption {
    let connection: any DatabaseConnection
    let token: EnrolmentTokenID
    let device: DeviceID

    /// - Returns: whether the box *Do not disconnect* is to be ticked.
    func run() throws(StoreError) -> Bool {
        let found = try connection.fetchFirst(
            "SELECT permanent, group_id, tags, approval FROM enrolment_token WHERE id = $1", [.id(token)]
        ) { row throws(StoreError) in (isPermanent: row.integer(at: 0) == 1, target: try row.target(at: 1)) }
        guard let found else { return false }
        try adopt(found.target)
        try adoptValues()
        return found.isPermanent
    }

    private func adopt(_ target: EnrolmentTarget) throws(StoreError) {
        if target.group != nil || target.needsApproval {
            try connection.run(
                "UPDATE device SET placement = $2, group_id = $3, approval = $4 WHERE id = $1",
                [.id(device), .flag(target.group != nil), .id(target.group), .flag(target.needsApproval)])
        }
        for tag in Set(target.tags) {
            try connection.run("INSERT INTO device_tag (device, tag) VALUES ($1, $2)", [.id(device), .text(tag)])
        }
    }

    /// The token's settings become the device's own.
    private func adoptValues() throws(StoreError) {
        var own: [String: Int64] = [:]
        try connection.prepare("SELECT name, value FROM enrolment_token_setting WHERE token = $1").run([.id(token)]) {
            row throws(StoreError) in own[try row.string(0)] = try row.int(1)
        }
        let rows = DeviceValueRows(connection: connection, device: device)
        for (key, value) in DeviceSettings(values: own).managed { try rows.put(value, for: key, of: .networkAgent) }
    }
}
