import Foundation
import Testing

@testable import MusterServer

/// docs/settings.md names what the server knows, no more and no less, and what it says of the values is so.
@Suite("The page of settings")
struct SettingsPageTests {
    private struct Row {
        let name: String
        let standard: String
        let allowed: String
    }

    private func rows() throws -> [Row] {
        let page = URL(fileURLWithPath: #filePath).deletingLastPathComponent().appendingPathComponent("../../docs/settings.md")
        return try String(contentsOf: page, encoding: .utf8).split(separator: "\n").compactMap { line in
            let cells = line.split(separator: "|").map { $0.trimmingCharacters(in: [" ", "`"]) }
            guard line.hasPrefix("| `"), cells.count == 4 else { return nil }
            return Row(name: cells[0], standard: cells[1], allowed: cells[2])
        }
    }

    /// Reads one setting as a server would.
    private func read(_ name: String, _ json: String) throws -> ServerOptions {
        let file = FileManager.default.temporaryDirectory.appendingPathComponent("muster-\(UUID().uuidString).json")
        defer { try? FileManager.default.removeItem(at: file) }
        try #"{"\#(name)": \#(json)}"#.write(to: file, atomically: false, encoding: .utf8)
        var options = ServerOptions()
        try options.read(file: file.path)
        return options
    }

    @Test("every setting has its row, and every row is a setting")
    func names() throws {
        do throws(ServerError) {
            var options = ServerOptions()
            let file = FileManager.default.temporaryDirectory.appendingPathComponent("muster-\(UUID().uuidString).json").path
            defer { try? FileManager.default.removeItem(atPath: file) }
            #expect(FileManager.default.createFile(atPath: file, contents: Data(#"{"no-such": 1}"#.utf8)))
            try options.read(file: file)
            Issue.record("an unknown setting was taken")
        } catch {
            let known = "\(error)".components(separatedBy: "known are ").last ?? ""
            let names = try rows().map(\.name).sorted()
            #expect(known.hasPrefix(names.joined(separator: ", ")) && !names.isEmpty, "\(known) / \(names)")
        }
    }

    @Test("the default is what a server has without a file, and the ends of what is allowed are taken")
    func values() throws {
        for row in try rows() {
            let isNumber = Double(row.standard) != nil
            func json(_ text: String) -> String { isNumber ? text : "\"\(text)\"" }
            #expect(try read(row.name, json(row.standard)) == ServerOptions(), "\(row.name)")
            let ends = row.allowed.components(separatedBy: " to ")
            guard ends.count == 2 else { continue }
            for end in ends { _ = try read(row.name, json(end)) }
            #expect(throws: ServerError.self) { try read(row.name, isNumber ? "-1" : "\"0s\"") }
        }
    }
}
