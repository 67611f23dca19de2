import MusterModel
import MusterStore
import MusterTrust

extension APIFixture {
    /// A device as enrolment leaves it.
    func device(_ name: String) async throws -> DeviceID {
        let id = DeviceID.random()
        try await store.seedDevice(.init(device: id, proposedName: name, now: Self.now))
        return id
    }

    func installed(_ device: DeviceID, _ applications: [InstalledApplication]) async throws {
        try await store.seedInstalled(device, applications, now: Self.now)
    }

    /// Stores events and tells the backend, as the server does after a commit.
    @discardableResult
    func events(_ device: DeviceID, from first: UInt64, _ texts: [String], severity: Severity = .info) async throws -> Int64 {
        let inputs = texts.enumerated().map { index, text in
            StoredEventInput(
                sequence: first + UInt64(index), type: "test-event", severity: severity, text: text, occurred: Self.now)
        }
        let position = try await store.seedEvents(device, inputs, now: Self.now)
        backend.eventsCommitted(upTo: position)
        return position
    }
}
