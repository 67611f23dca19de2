import MusterModel

/// The rows of values that are set for one device alone.
struct DeviceValueRows {
    let connection: any DatabaseConnection
    let device: DeviceID

    func put(_ value: ManagedValue, for key: String, of application: ApplicationID) throws(StoreError) {
        try connection.run(
            """
            INSERT INTO device_value (device, application, key, value) VALUES ($1, $2, $3, $4)
            ON CONFLICT (device, application, key) DO UPDATE SET value = excluded.value
            """,
            [
                .id(device), .text(application.description), .text(key),
                .text(try StoredJSON.text(value, of: "The value of \(key)")),
            ])
    }

    func remove(_ key: String, of application: ApplicationID) throws(StoreError) {
        try connection.run(
            "DELETE FROM device_value WHERE device = $1 AND application = $2 AND key = $3",
            [.id(device), .text(application.description), .text(key)])
    }

    func fetch() throws(StoreError) -> DeviceValues {
        var values: DeviceValues = [:]
        try connection.prepare("SELECT application, key, value FROM device_value WHERE device = $1").run([.id(device)]) {
            row throws(StoreError) in try values.take(row, from: 0)
        }
        return values
    }
}

extension DeviceValues {
    /// The columns application, key, value from `first` on.
    mutating func take(_ row: any DatabaseRow, from first: Int) throws(StoreError) {
        let (name, key) = (try row.string(first), try row.string(first + 1))
        guard let application = ApplicationID(name) else { throw .damaged("A device has a value of the application '\(name)'.") }
        self[application, default: [:]][key] = try StoredJSON.value(
            try row.string(first + 2), of: "The value of \(key) of a device")
    }
}

/// The four of the Network Agent that installation packages bring along, under the names of its settings.
extension DeviceSettings {
    init(_ values: [String: ManagedValue]) {
        var numbers: [String: Int64] = [:]
        for (key, value) in values {
            switch value {
            case .onOff(let isOn): numbers[key] = isOn ? 1 : 0
            case .number(let number): numbers[key] = number
            case .duration(let duration): numbers[key] = duration.milliseconds
            case .text, .list, .secret: break
            }
        }
        self.init(values: numbers)
    }

    var managed: [String: ManagedValue] {
        var managed: [String: ManagedValue] = [:]
        managed[NetworkAgentKey.syncInterval] = syncInterval.map { .duration($0.duration) }
        managed[NetworkAgentKey.connectionRequests] = listens.map { .onOff($0) }
        managed[NetworkAgentKey.requestPort] = requestPort.map { .number(Int64($0)) }
        managed[NetworkAgentKey.firewall] = opensFirewall.map { .onOff($0) }
        return managed
    }
}
