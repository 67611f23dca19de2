package import MusterModel

extension Store {
    /// - Throws: `conflict` when another package has that name; `refused` for a target group or a tag that is none.
    package func createPackage(_ package: PackageRecord, principal: AuditPrincipal) async throws(StoreError) {
        try await write { connection throws(StoreError) in
            let rows = PackageRows(connection: connection)
            try rows.checkName(package.name, of: package.id)
            try rows.insert(package)
            try connection.audit(
                principal, "create-package", "package", "\(package.id)", ["name": .text(package.name)], package.created)
        }
    }

    /// A page in order of names.
    package func fetchPackages(after cursor: PackageCursor? = nil, limit: Int) async throws(StoreError) -> [PackageRecord] {
        try await read { connection throws(StoreError) in
            try connection.withSnapshot { () throws(StoreError) in
                try PackageRows(connection: connection).fetch(
                    "p.name > $1 ORDER BY p.name LIMIT $2", [.text(cursor?.name ?? ""), .count(limit)])
            }
        }
    }

    /// Nil when there is none, or it was deleted.
    package func fetchPackage(_ id: InstallationPackageID) async throws(StoreError) -> PackageRecord? {
        try await read { connection throws(StoreError) in
            try connection.withSnapshot { () throws(StoreError) in
                try PackageRows(connection: connection).fetch("p.id = $1", [.id(id)]).first
            }
        }
    }

    /// Concerns later downloads alone.
    /// - Parameters:
    ///   - expectedRevision: when given, the revision the caller saw.
    ///   - change: from what is stored to what shall be; runs inside the transaction.
    /// - Throws: `notFound`; `conflict` when the revision is another, or another package has the new name; `refused` for a target group or
    ///   a tag that is none.
    package func editPackage(
        _ id: InstallationPackageID, expectedRevision: Int64?, principal: AuditPrincipal, now: Timestamp,
        _ change: @escaping @Sendable (inout PackageRecord) -> Void
    ) async throws(StoreError) -> PackageRecord {
        try await write { connection throws(StoreError) in
            let rows = PackageRows(connection: connection)
            guard let found = try rows.fetch("p.id = $1", [.id(id)]).first else { throw .notFound("package") }
            if let expectedRevision, expectedRevision != found.revision {
                throw .revision(expected: expectedRevision, found: found.revision)
            }
            var new = found
            change(&new)
            guard new != found else { return found }
            try rows.checkName(new.name, of: id)
            new.revision = found.revision + 1
            new.changed = now
            try rows.update(new)
            try connection.audit(
                principal, "edit-package", "package", "\(id)",
                ["name": .text(new.name), "revision": .integer(new.revision)], now)
            return new
        }
    }

    /// Ends its downloads too: their tokens are revoked. Devices stay enrolled.
    /// - Returns: false when there was no such package.
    package func deletePackage(
        _ id: InstallationPackageID, principal: AuditPrincipal, now: Timestamp
    ) async throws(StoreError) -> Bool {
        try await write { connection throws(StoreError) in
            let name = try connection.fetchFirst(
                "UPDATE installation_package SET deleted = $2 WHERE id = $1 AND deleted IS NULL RETURNING name",
                [.id(id), .time(now)]
            ) { row throws(StoreError) in try row.string(0) }
            guard let name else { return false }
            try connection.run(
                "UPDATE enrolment_token SET revoked = $2 WHERE package = $1 AND revoked IS NULL", [.id(id), .time(now)])
            try connection.audit(principal, "delete-package", "package", "\(id)", ["name": .text(name)], now)
            return true
        }
    }

    /// Stores the token of a download, with what the package gives its devices, and counts the download.
    /// - Throws: `notFound` when the package was deleted meanwhile.
    package func recordDownload(
        of package: PackageRecord, token: EnrolmentTokenID, secretHash: Fingerprint, principal: AuditPrincipal, now: Timestamp
    ) async throws(StoreError) {
        try await write { connection throws(StoreError) in
            let counted = try connection.run(
                "UPDATE installation_package SET downloads = downloads + 1 WHERE id = $1 AND deleted IS NULL", [.id(package.id)])
            guard counted == 1 else { throw .notFound("package") }
            try PackageRows(connection: connection).insertToken(token, secretHash: secretHash, of: package, now: now)
            try connection.audit(
                principal, "download-package", "package", "\(package.id)",
                ["name": .text(package.name), "token": .text("\(token)"), "revision": .integer(package.revision)], now)
        }
    }

    /// The devices that enrolled by it and are not deleted, in the order they did so.
    package func fetchDevices(
        of package: InstallationPackageID, after cursor: PackageDeviceCursor? = nil, limit: Int
    ) async throws(StoreError) -> [PackageDeviceRecord] {
        try await read { connection throws(StoreError) in
            try connection.fetchAll(
                """
                SELECT device, name, enrolled FROM (
                    SELECT d.id AS device, d.name AS name, MAX(e.enrolled) AS enrolled
                    FROM enrolment_token t JOIN enrolment e ON e.token = t.id JOIN device d ON d.id = e.device
                    WHERE t.package = $1 AND d.deleted IS NULL GROUP BY d.id, d.name
                ) AS found WHERE (enrolled, device) > ($2, $3) ORDER BY enrolled, device LIMIT $4
                """,
                [
                    .id(package), .integer(cursor?.enrolled.milliseconds ?? .min), .bytes(cursor?.device.bytes ?? []),
                    .count(limit),
                ]
            ) { row throws(StoreError) in
                PackageDeviceRecord(device: try row.id(0), name: try row.string(1), enrolled: try row.time(2))
            }
        }
    }
}
