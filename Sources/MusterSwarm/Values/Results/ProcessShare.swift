/// What one of several processes has of a fleet.
package struct ProcessShare: Hashable, Sendable {
    package let position: Int
    package let first: Int
    package let devices: Int
    /// Of what happens a second.
    package let fraction: Double

    /// - Returns: one share a process, each with a device at least; together they are the fleet.
    package static func shares(of devices: Int, first: Int, processes: Int) -> [ProcessShare] {
        let count = max(1, min(processes, devices))
        return (0..<count).map { position in
            let (begin, end) = (devices * position / count, devices * (position + 1) / count)
            return ProcessShare(
                position: position, first: first + begin, devices: end - begin, fraction: Double(end - begin) / Double(devices))
        }
    }
}
