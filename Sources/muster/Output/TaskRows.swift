import MusterAPI
import MusterModel

// Tasks and runs as people read them; JSON has everything.

extension TaskEntry: TableRow {
    static let columns: [Table.Column] = [
        .init(title: "ID"), .init(title: "NAME"), .init(title: "APPLICATION"), .init(title: "TYPE"), .init(title: "FOR"),
        .init(title: "SCHEDULE"), .init(title: "REVISION", right: true), .init(title: "CHANGED"),
    ]

    var cells: [String] {
        [id.description, name, application, type, scope.words, schedule, String(revision), Shown.time(changed)]
    }

    var members: [(name: String, value: String)] {
        let options = [
            runMissed ? "missed runs are caught up on" : nil,
            randomDelaySeconds > 0 ? "random delay up to \(Duration.seconds(randomDelaySeconds).text)" : nil,
            stopAfterSeconds.map { "ended after \(Duration.seconds($0).text)" },
        ].compactMap(\.self)
        return [
            ("Id", id.description), ("Name", name), ("Application", application), ("Type", type), ("For", scope.allWords),
            ("Schedule", ([schedule] + options).joined(separator: ", ")),
            ("Orders wait", Duration.seconds(expiresAfterSeconds).text), ("Revision", String(revision)),
            ("Created", Shown.time(created)), ("Changed", Shown.time(changed)),
        ] + settings.sorted { $0.key < $1.key }.map { (name: $0.key, value: ValueWords.text($0.value)) }
    }
}

extension TaskScopeEntry {
    var words: String {
        if let group { return group.path }
        if let selection { return "selection \(selection.name)" }
        let devices = devices ?? []
        return devices.count == 1 ? "device \(name(of: devices[0]))" : "\(devices.count) devices"
    }

    /// More devices than these are not named.
    private static let shownDevices = 20

    /// The same with each device by its name, and the id by which commands know it for certain.
    var allWords: String {
        guard let devices, !devices.isEmpty else { return words }
        let named = devices.prefix(Self.shownDevices).map { device in
            Shown.named(deviceNames?[device.description], device)
        }
        let more = devices.count - named.count
        let list = named.joined(separator: ", ") + (more > 0 ? " and \(more) more" : "")
        return devices.count == 1 ? "device \(list)" : "\(devices.count) devices: \(list)"
    }

    private func name(of device: DeviceID) -> String { deviceNames?[device.description] ?? "\(device)" }
}

extension RunEntry: TableRow {
    static let columns: [Table.Column] = [
        .init(title: "ID"), .init(title: "TASK"), .init(title: "DEVICE"), .init(title: "STATE"), .init(title: "BY"),
        .init(title: "ORDERED"), .init(title: "STARTED"), .init(title: "DURATION", right: true), .init(title: "REMARKS"),
    ]

    var cells: [String] {
        [
            id.description, taskName, deviceName, state, origin, Shown.time(created), Shown.time(started),
            Shown.text(durationText), Shown.text(known?.isFinal == true ? reason : words(permanent: nil)),
        ]
    }

    var known: RunState? { RunState(code: state) }

    private var durationText: String? {
        durationSeconds.map { $0 < 10 ? "\((($0 * 10).rounded() / 10))s" : Duration.seconds(Int64($0)).text }
    }

    /// Why it did not succeed, and what it counted.
    private var reason: String {
        let failure = text ?? code.map(ReasonWords.text) ?? ""
        let exit = exitCode.flatMap { $0 == 0 && known == .succeeded ? nil : "exit code \($0)" } ?? ""
        return ([failure, exit] + figures.sorted { $0.key < $1.key }.map { "\($0.key) \($0.value)" })
            .filter { !$0.isEmpty }.joined(separator: ", ")
    }

    /// How the order is on its way.
    var action: ActionEntry {
        var action = ActionEntry(
            id: ActionID(id), device: device, deviceName: deviceName, kind: ActionKind.runTask.code,
            progress: progress ?? ActionProgress.pending.code, route: route,
            connectedAfterMilliseconds: connectedAfterMilliseconds, nextSynchronization: nextSynchronization, created: created,
            sent: sent)
        action.connectionState = connectionState
        action.permanentConnection = permanentConnection
        return action
    }

    /// What came of stopping it. - Parameter before: as it was before that.
    func stopWords(before: RunEntry) -> String {
        if before.known?.isFinal == true { return "it had ended already; nothing was stopped" }
        if known == .cancelled { return "it is cancelled" }
        return known?.isFinal == true ? "it has ended meanwhile" : "sent; how it ends: muster runs watch \(id)"
    }

    /// How it stands; nil while nothing is known.
    func words(permanent use: PermanentConnectionUse?) -> String? {
        switch known {
        case .pending: return action.step(permanent: use)
        case .accepted: return "\(action.sentText), taken by the device"
        case .running:
            let done = share.map { "\($0 / 10) %" }
            return (["running", done].compactMap(\.self).joined(separator: ", ")) + (step.map { ": \($0)" } ?? "")
        case .succeeded:
            let counted = reason.isEmpty ? "" : ": \(reason)"
            return "succeeded" + (durationText.map { " after \($0)" } ?? "") + counted
        case nil: return state
        default:
            let words = known == .refused ? "refused by the device" : state
            return reason.isEmpty ? words : "\(words): \(reason)"
        }
    }

    var members: [(name: String, value: String)] {
        let all: [(name: String, value: String?)] = [
            ("Id", id.description), ("Task", "\(taskName) (\(task), revision \(revision))"), ("Type", "\(application)/\(type)"),
            ("Device", Shown.named(deviceName, device)), ("State", state), ("How it stands", words(permanent: nil)),
            ("By", principal.map { "\(origin), \(PrincipalWords.text($0, principalName))" } ?? origin),
            ("Ordered", Shown.time(created)),
            ("Started", Shown.time(started)), ("Ended", Shown.time(ended)), ("Duration", durationText),
            ("Exit code", exitCode.map(String.init)), ("Waits until", known == .pending ? Shown.time(expires) : nil),
            (
                "Output",
                outputBytes == 0 ? "none" : Shown.size(UInt64(clamping: outputBytes)) + (hasOutput ? "" : ", not here yet")
            ),
        ]
        return all.compactMap { member in member.value.map { (member.name, $0) } }
    }
}

extension RunOutputEntry {
    /// Line ends stay; where something was left out is said on a line of its own.
    var pieces: [String] {
        func shown(_ text: String) -> String {
            let text = TerminalText.escapedLines(text)
            return text.isEmpty || text.hasSuffix("\n") ? text : text + "\n"
        }
        guard let tail else { return [shown(head)] }
        return [shown(head), "[… \(leftOutBytes) of \(totalBytes) bytes were left out …]\n", shown(tail)]
    }
}
