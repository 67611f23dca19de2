import MusterAPI
import MusterModel
import MusterStore

extension ConnectionEntry {
    init(_ record: ConnectionRecord) {
        self.init(
            number: record.number, kind: record.isRefusal ? .refusal : .connection, count: record.count, opened: record.opened,
            closed: record.closed, address: record.address, cause: record.hello, reason: record.reason?.code, text: record.text,
            documents: record.documents, events: record.events)
    }
}

extension RefusalEntry {
    /// Nil for what is no refusal.
    init?(_ record: ConnectionRecord) {
        guard record.isRefusal, let reason = record.reason else { return nil }
        self.init(
            reason: reason.code, text: record.text, address: record.address, count: record.count, first: record.opened,
            last: record.closed ?? record.opened)
    }
}

extension APIServices {
    /// The newest refusal of each of these devices, written or not.
    func lastRefusals(of devices: [DeviceID]) async throws -> [DeviceID: RefusalEntry] {
        var found = try await store.fetchLastRefusals(of: devices)
        for device in devices {
            if let newest = backend.lastRefusal(of: device) { found[device] = newest }
        }
        return found.compactMapValues(RefusalEntry.init)
    }
}
