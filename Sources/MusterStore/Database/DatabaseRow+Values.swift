import MusterModel

/// Columns that must have a value of a certain kind; anything else says that the table was damaged.
extension DatabaseRow {
    package func int(_ column: Int) throws(StoreError) -> Int64 {
        guard let value = integer(at: column) else { throw .unexpected(column, "a number") }
        return value
    }

    package func string(_ column: Int) throws(StoreError) -> String {
        guard let value = text(at: column) else { throw .unexpected(column, "text") }
        return value
    }

    package func blob(_ column: Int) throws(StoreError) -> [UInt8] {
        guard let value = bytes(at: column) else { throw .unexpected(column, "bytes") }
        return value
    }

    func id<Entity>(_ column: Int) throws(StoreError) -> EntityID<Entity> {
        guard let value = bytes(at: column).flatMap({ EntityID<Entity>(bytes: $0) }) else { throw .unexpected(column, "an id") }
        return value
    }

    func optionalID<Entity>(_ column: Int) -> EntityID<Entity>? {
        bytes(at: column).flatMap { EntityID<Entity>(bytes: $0) }
    }

    func time(_ column: Int) throws(StoreError) -> Timestamp { Timestamp(milliseconds: try int(column)) }

    func optionalTime(_ column: Int) -> Timestamp? { integer(at: column).map { Timestamp(milliseconds: $0) } }

    func unsigned(_ column: Int) throws(StoreError) -> UInt64 { UInt64(bitPattern: try int(column)) }

    func flag(_ column: Int) throws(StoreError) -> Bool { try int(column) != 0 }

    func fingerprint(_ column: Int) throws(StoreError) -> Fingerprint {
        guard let value = bytes(at: column).flatMap({ Fingerprint(bytes: $0) }) else {
            throw .unexpected(column, "a fingerprint")
        }
        return value
    }

    func digest(_ column: Int) throws(StoreError) -> Digest {
        guard let value = bytes(at: column).flatMap({ Digest(bytes: $0) }) else { throw .unexpected(column, "a digest") }
        return value
    }
}

extension StoreError {
    fileprivate static func unexpected(_ column: Int, _ kind: String) -> Self {
        .damaged("Column \(column) of a result is not \(kind).")
    }
}
