import MusterAPI
import MusterModel
import MusterStore

/// Devices chosen by what they are: an expression, a device selection, or what is in both.
struct DeviceQuestion: Sendable {
    let filter: String?
    /// Id or name.
    let selection: String?
    /// They stand in the query; else they are members of the body.
    let isParameter: Bool

    var isEmpty: Bool { filter == nil && selection == nil }

    func refused(_ name: String, _ detail: String) -> Problem {
        isParameter ? .parameter(name, detail) : .member(name, detail)
    }

    func read(_ text: String, _ name: String) throws(Problem) -> DeviceExpression {
        do throws(ExpressionError) { return try DeviceExpression(text) } catch {
            throw .expression(name, error, isParameter: isParameter)
        }
    }

    /// What somebody types; a selection that is stored may name a group that is gone.
    func read(_ text: String, _ name: String, in tree: GroupTree) throws(Problem) -> DeviceExpression {
        let expression = try read(text, name)
        if let group = expression.unknownGroup(in: tree) { throw refused(name, "There is no administration group '\(group)'.") }
        return expression
    }
}

extension APIServices {
    /// Nil: nothing was asked, all are meant.
    func devices(_ question: DeviceQuestion) async throws -> [DeviceID]? {
        var expressions: [DeviceExpression] = []
        if let filter = question.filter {
            expressions.append(try question.read(filter, "filter", in: backend.administration.tree))
        }
        if let selection = question.selection {
            guard let record = try await self.selection(selection) else {
                throw question.refused("selection", "There is no device selection '\(selection.prefix(200))'.")
            }
            expressions.append(try question.read(record.expression, "selection"))
        }
        var chosen: Set<DeviceID>?
        for expression in expressions {
            let found = backend.devices(
                matching: expression, installed: try await store.devices(holding: expression.installedConditions))
            chosen = chosen?.intersection(found) ?? Set(found)
        }
        return chosen.map(Array.init)
    }

    /// By id or name.
    func selection(_ text: String) async throws -> SelectionRecord? {
        if let id = SelectionID(text), let record = try await store.fetchSelection(id) { return record }
        return try await store.fetchSelections().first { $0.name == text }
    }

    /// The devices a body names, which must all be there.
    func known(_ devices: [DeviceID], maximum: Int) async throws -> [DeviceID] {
        guard !devices.isEmpty else { throw Problem.member("devices", "Name at least one.", allowed: "1…\(maximum)") }
        guard devices.count <= maximum else {
            throw Problem.member("devices", "There are \(devices.count).", allowed: "1…\(maximum)")
        }
        let known = try await store.fetchDeviceNames(of: devices)
        if let unknown = devices.first(where: { known[$0] == nil }) {
            throw Problem.member("devices", "There is no device \(unknown).")
        }
        return devices
    }
}
