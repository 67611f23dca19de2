import FoundationEssentials
import Glibc
package import MusterAgent
import MusterModel

/// The enrolled devices of a fleet, kept in `DIR/fleet.json` for the next run: 5,000 must not enrol anew for every measurement.
/// The keys are those of simulated devices; the file is closed to others all the same.
package struct KeptFleet: Codable, Sendable {
    package struct Device: Codable, Sendable {
        var index: Int
        var id: DeviceID
        var key: String
        /// DER.
        var certificate: Data
        /// By document number, in hexadecimal.
        var reported: [UInt32: String]
        var acknowledged: [UInt32: String]
        var held: [UInt32: String]
    }

    /// Lists are made from it: with another, every device would report other applications.
    package var seed: UInt64
    /// The same of their number: `RunOptions.packages`.
    package var packages: Int?
    /// The same of the managed applications: `RunOptions.hasServices`.
    package var services: Bool?
    package var devices: [Device] = []

    package init(seed: UInt64) { self.seed = seed }

    /// The same devices after all that is installed on them has changed.
    package func withOtherLists() -> KeptFleet {
        var fleet = KeptFleet(seed: seed &+ 1)
        fleet.packages = packages
        fleet.services = services
        let documents = FleetDocuments(seed: fleet.seed, packages: packages, hasServices: services ?? false)
        fleet.devices = devices.map { device in
            var device = device
            device.report(documents.digests(of: device.index))
            return device
        }
        return fleet
    }

    private static func path(_ directory: String) -> String { directory + "/fleet.json" }

    /// - Returns: nil when nothing is kept there.
    package static func read(_ directory: String) throws(SwarmError) -> KeptFleet? {
        guard let data = FileManager.default.contents(atPath: path(directory)) else { return nil }
        do {
            return try JSONDecoder().decode(KeptFleet.self, from: data)
        } catch {
            throw SwarmError(.badState, "\(path(directory)) is not a fleet: move it away to begin anew (\(error))")
        }
    }

    package func write(_ directory: String) throws(SwarmError) {
        do {
            try FileManager.default.createDirectory(
                atPath: directory, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
            let temporary = Self.path(directory) + ".new"
            try JSONEncoder().encode(self).write(to: URL(filePath: temporary))
            guard chmod(temporary, 0o600) == 0, rename(temporary, Self.path(directory)) == 0 else {
                throw CocoaError(.fileWriteUnknown)
            }
        } catch {
            throw SwarmError(.badState, "the fleet cannot be kept in \(directory): \(error)")
        }
    }
}

extension KeptFleet.Device {
    /// Nil for a device that is not enrolled.
    package init?(_ device: SimulatedDevice) {
        guard let identity = device.identity else { return nil }
        index = device.index
        id = identity.device
        key = identity.keyPEM
        certificate = Data(identity.certificateDER)
        reported = Self.texts(device.facts.reported)
        acknowledged = Self.texts(device.facts.acknowledged)
        held = Self.texts(device.facts.held)
    }

    fileprivate mutating func report(_ digests: [DocumentName: Digest]) { reported = Self.texts(digests) }

    package var identity: Identity { Identity(device: id, keyPEM: key, certificateDER: Array(certificate)) }

    package func facts(runID: UInt64) -> SessionFacts {
        SessionFacts(
            runID: runID, reported: Self.digests(reported), acknowledged: Self.digests(acknowledged), held: Self.digests(held))
    }

    private static func texts(_ digests: [DocumentName: Digest]) -> [UInt32: String] {
        Dictionary(uniqueKeysWithValues: digests.map { ($0.key.rawValue, $0.value.description) })
    }

    private static func digests(_ texts: [UInt32: String]) -> [DocumentName: Digest] {
        var digests: [DocumentName: Digest] = [:]
        for (number, text) in texts {
            guard let name = DocumentName(rawValue: number), let bytes = Hexadecimal.bytes(text) else { continue }
            digests[name] = Digest(bytes: bytes)
        }
        return digests
    }
}
