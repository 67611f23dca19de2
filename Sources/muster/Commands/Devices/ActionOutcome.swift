import MusterAPI
import MusterModel

/// What became of an action, for programs: the order, and each device's part in it.
struct ActionOutcome: Encodable {
    /// A device's part is some 200 bytes; more than these are left off and counted: `muster actions show` has them all.
    static let maximumDevices = 1000

    struct Device: Encodable {
        var id: DeviceID
        var name: String
        var progress: String
        var route: String?
        var code: String?
        var text: String?
    }

    var id: ActionOrderID
    var kind: String
    var created: Timestamp
    var expires: Timestamp
    var total: Int64
    var counts: [String: Int64]
    var devices: [Device]
    /// How many of them are not in `devices`; absent when all are.
    var devicesLeftOff: Int64?

    init(_ order: ActionOrderEntry, _ actions: [ActionEntry]) {
        id = order.id
        kind = order.kind
        created = order.created
        expires = order.expires
        total = order.total
        counts = order.counts
        devices = actions.prefix(Self.maximumDevices).map {
            Device(id: $0.device, name: $0.deviceName, progress: $0.progress, route: $0.route, code: $0.code, text: $0.text)
        }
        let left = order.total - Int64(devices.count)
        devicesLeftOff = left > 0 ? left : nil
    }
}
