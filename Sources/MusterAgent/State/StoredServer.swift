import MusterModel

/// Rows about who this device is and where its server is: read here for the agent, and for a check that looks at what is left of a
/// damaged database.
extension SQLiteConnection {
    /// Nil before enrolment. - Throws: `stateDamaged` when only a part of it is there.
    func identity(in path: String) throws(AgentError) -> Identity? {
        let device = try value(.device)?.bytes
        let key = try value(.key)?.text
        let certificate = try value(.certificate)?.bytes
        switch (device, key, certificate) {
        case (nil, nil, nil): return nil
        case (let device?, let key?, let certificate?):
            guard let id = DeviceID(bytes: device), !key.isEmpty, !certificate.isEmpty else {
                throw .damaged(path, "the device's identity is not readable")
            }
            return Identity(device: id, keyPEM: key, certificateDER: certificate)
        case (_, nil, .some): throw .damaged(path, "the device's certificate is there but its key is missing")
        default: throw .damaged(path, "a part of the device's identity is missing")
        }
    }

    func pins() throws(AgentError) -> [Fingerprint] {
        try rows("SELECT fingerprint FROM pin ORDER BY position") { (row) throws(AgentError) in row.bytes(0) }
            .compactMap { Fingerprint(bytes: $0) }
    }

    func servers() throws(AgentError) -> [ServerAddress] {
        try rows("SELECT host, port FROM server_address ORDER BY position") { (row) throws(AgentError) in
            ServerAddress(host: row.text(0), port: UInt16(clamping: row.integer(1)))
        }.compactMap { $0 }
    }

    func proxy() throws(AgentError) -> ProxyAddress? { try value(.proxy)?.text.flatMap { ProxyAddress($0) } }
}
