import MusterModel

/// The rows of an installation package, and of the tokens of its downloads.
struct PackageRows {
    let connection: any DatabaseConnection

    /// - Parameter condition: on the package `p`, with what follows it.
    func fetch(_ condition: String, _ values: [SQLValue]) throws(StoreError) -> [PackageRecord] {
        var records = try connection.fetchAll(
            """
            SELECT p.id, p.name, p.revision, p.created, p.changed, p.servers, p.udp_port, p.proxy, p.permanent, p.token_life,
                p.token_uses, p.downloads, (
                    SELECT COUNT(DISTINCT d.id)
                    FROM enrolment_token t JOIN enrolment e ON e.token = t.id JOIN device d ON d.id = e.device
                    WHERE t.package = p.id AND d.deleted IS NULL
                ), p.group_id, p.tags, p.approval
            FROM installation_package p WHERE p.deleted IS NULL AND \(condition)
            """, values, Self.record)
        for index in records.indices { records[index].settings.own = try own(records[index].id) }
        return records
    }

    private static func record(_ row: any DatabaseRow) throws(StoreError) -> PackageRecord {
        let servers = try row.string(5).split(separator: " ").compactMap { ServerAddress(String($0)) }
        guard !servers.isEmpty, let udpPort = UInt16(exactly: try row.int(6)) else {
            throw .damaged("An installation package has no server address or a UDP port that is none.")
        }
        let settings = PackageSettings(
            servers: servers, udpPort: udpPort, proxy: row.text(at: 7).flatMap { ProxyAddress($0) },
            permanentConnection: try row.flag(8), tokenLife: .milliseconds(try row.int(9)), tokenUses: try row.int(10),
            target: try row.target(at: 13))
        return PackageRecord(
            id: try row.id(0), name: try row.string(1), revision: try row.int(2), created: try row.time(3),
            changed: try row.time(4), settings: settings, downloads: try row.int(11), devices: try row.int(12))
    }

    private func own(_ id: InstallationPackageID) throws(StoreError) -> DeviceSettings {
        var values: [String: Int64] = [:]
        try connection.prepare("SELECT name, value FROM package_setting WHERE package = $1").run([.id(id)]) {
            row throws(StoreError) in values[try row.string(0)] = try row.int(1)
        }
        return DeviceSettings(values: values)
    }

    /// - Throws: `conflict` when another package has that name.
    func checkName(_ name: String, of id: InstallationPackageID) throws(StoreError) {
        let isTaken = try connection.exists(
            "SELECT 1 FROM installation_package WHERE name = $1 AND id <> $2 AND deleted IS NULL", [.text(name), .id(id)])
        if isTaken { throw StoreError(.conflict, "Another installation package has the name '\(name)'.") }
    }

    func insert(_ package: PackageRecord) throws(StoreError) {
        try package.settings.target.check(connection)
        try connection.run(
            """
            INSERT INTO installation_package
                (id, name, revision, created, changed, servers, udp_port, proxy, permanent, token_life, token_uses, group_id, tags,
                approval, downloads)
            VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, 0)
            """, [.id(package.id), .text(package.name), .integer(package.revision), .time(package.created)] + values(of: package))
        try insertSettings(of: package)
    }

    func update(_ package: PackageRecord) throws(StoreError) {
        try package.settings.target.check(connection)
        try connection.run(
            """
            UPDATE installation_package
            SET name = $2, revision = $3, created = $4, changed = $5, servers = $6, udp_port = $7, proxy = $8, permanent = $9,
                token_life = $10, token_uses = $11, group_id = $12, tags = $13, approval = $14
            WHERE id = $1
            """, [.id(package.id), .text(package.name), .integer(package.revision), .time(package.created)] + values(of: package))
        try connection.run("DELETE FROM package_setting WHERE package = $1", [.id(package.id)])
        try insertSettings(of: package)
    }

    private func values(of package: PackageRecord) -> [SQLValue] {
        let settings = package.settings
        return [
            .time(package.changed), .text(settings.servers.map(\.description).joined(separator: " ")),
            .integer(Int64(settings.udpPort)), .text(settings.proxy?.url), .flag(settings.permanentConnection),
            .integer(settings.tokenLife.milliseconds), .integer(settings.tokenUses),
        ] + settings.target.columns
    }

    private func insertSettings(of package: PackageRecord) throws(StoreError) {
        for (name, value) in package.settings.own.values {
            try connection.run(
                "INSERT INTO package_setting (package, name, value) VALUES ($1, $2, $3)",
                [.id(package.id), .text(name), .integer(value)])
        }
    }

    /// The token of a download: named like the package, with what the package gives its devices now.
    func insertToken(
        _ token: EnrolmentTokenID, secretHash: Fingerprint, of package: PackageRecord, now: Timestamp
    ) throws(StoreError) {
        let settings = package.settings
        try settings.target.check(connection)
        try connection.run(
            """
            INSERT INTO enrolment_token
                (id, name, secret_hash, created, expires, maximum_uses, package, permanent, group_id, tags, approval, uses)
            VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, 0)
            """,
            [
                .id(token), .text(package.name), .fingerprint(secretHash), .time(now), .time(now + settings.tokenLife),
                .integer(settings.tokenUses), .id(package.id), .flag(settings.permanentConnection),
            ] + settings.target.columns)
        for (name, value) in settings.own.values {
            try connection.run(
                "INSERT INTO enrolment_token_setting (token, name, value) VALUES ($1, $2, $3)",
                [.id(token), .text(name), .integer(value)])
        }
    }
}
