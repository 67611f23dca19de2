import FoundationEssentials
import MusterModel

/// What was found, and what became of it: each threat is told once, and its file is watched until it is gone or was written anew. Rules;
/// which files there are is asked of `stamp`.
struct ThreatWatch: Sendable {
    /// Told one by one in one reading; of those beyond the number is.
    static let mostTold = 100
    /// The other log's line comes within a second; nobody puts a file back that fast and wants it told.
    private static let again = Duration.minutes(1)

    private(set) var memory: ClamMemory
    private(set) var events: [DeviceEvent] = []
    private let now: Timestamp
    private let stamp: @Sendable ([UInt8]) -> ThreatStamp?
    private var untold: Int64 = 0

    init(_ memory: ClamMemory, now: Timestamp, stamp: @escaping @Sendable ([UInt8]) -> ThreatStamp? = { ThreatStamp(path: $0) }) {
        self.memory = memory
        self.now = now
        self.stamp = stamp
    }

    var problems: [ApplicationProblem] {
        memory.threats.map { ApplicationProblem(code: ApplicationProblem.threatFound, subject: $0.shownPath) }
    }

    /// - Parameter notes: what scans of this agent found, and did.
    mutating func take(_ detections: [Detection], _ notes: [FoundNotes.Note] = []) {
        let before = Set(memory.threats)
        // clamd's log says the same of them, without what was done.
        for note in notes { take(note) }
        for detection in detections { take(detection) }
        if untold > 0 { events.append(Self.event(further: untold, now)) }
        for threat in memory.threats where stamp(Array(threat.path)) != threat.stamp {
            memory.threats.removeAll { $0 == threat }
            remember(gone: threat)
            if before.contains(threat) { events.append(Self.event(gone: threat, now)) }
        }
    }

    private mutating func take(_ detection: Detection) {
        guard case .file(let path) = detection.place else {
            if case .contents(let what) = detection.place {
                tell(what, detection.signature, "none", "contents that were sent to clamd")
            }
            return
        }
        let file = Data(path)
        let found = stamp(path)
        let known = memory.threats.first { $0.path == file && $0.signature == detection.signature }
        // Opened again, or found by another scan; or moved away after the first of two logs said it.
        if let known, found == nil || known.stamp == found { return }
        let threat = ClamMemory.Threat(path: file, signature: detection.signature, stamp: found, found: now)
        if found == nil,
            memory.gone.contains(where: { $0.path == file && $0.signature == threat.signature && now - $0.found < Self.again })
        {
            return
        }
        memory.threats.removeAll { $0.path == file }
        if found == nil {
            remember(gone: threat)
        } else if memory.threats.count < ClamMemory.mostThreats {
            memory.threats.append(threat)
        }
        tell(
            threat.shownPath, threat.signature, found == nil ? "gone" : "none",
            found == nil ? "the file is gone" : "the file is there still")
    }

    private mutating func take(_ note: FoundNotes.Note) {
        switch note {
        case .scanned(let files): memory.scanned = memory.scanned.addingReportingOverflow(files).partialValue
        case .found(.quarantined, let detection): takeAway(detection, .quarantined)
        case .found(.removed, let detection): takeAway(detection, .removed)
        case .found(.none, let detection), .found(.failed, let detection): take(detection)
        }
    }

    private mutating func takeAway(_ detection: Detection, _ action: FoundNotes.Action) {
        guard case .file(let path) = detection.place else { return }
        let threat = ClamMemory.Threat(path: Data(path), signature: detection.signature, stamp: nil, found: now)
        memory.threats.removeAll { $0.path == threat.path }
        remember(gone: threat)
        tell(threat.shownPath, threat.signature, action.rawValue, FileScan.words(action))
    }

    private mutating func remember(gone threat: ClamMemory.Threat) {
        var threat = threat
        threat.found = now
        memory.gone.append(threat)
        memory.gone.removeFirst(max(0, memory.gone.count - ClamMemory.mostGone))
    }

    private mutating func tell(_ file: String, _ signature: String, _ action: String, _ what: String) {
        memory.found += 1
        guard events.count < Self.mostTold else {
            untold += 1
            return
        }
        events.append(
            DeviceEvent(
                type: EventType.threatFound, severity: .critical, occurred: now,
                parameters: ["file": .text(file), "signature": .text(signature), "action": .text(action)],
                text: "\(signature) was found in \(file): \(what)"))
    }

    private static func event(further count: Int64, _ now: Timestamp) -> DeviceEvent {
        DeviceEvent(
            type: EventType.threatFound, severity: .critical, occurred: now, parameters: ["count": .integer(count)],
            text: "\(count) more threats were found at the same time; clamd's log has their names")
    }

    private static func event(gone threat: ClamMemory.Threat, _ now: Timestamp) -> DeviceEvent {
        DeviceEvent(
            type: EventType.threatGone, severity: .info, occurred: now,
            parameters: ["file": .text(threat.shownPath), "signature": .text(threat.signature)],
            text: "\(threat.shownPath), in which \(threat.signature) was found, is gone or was written anew")
    }
}
