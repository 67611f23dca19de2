import ArgumentParser
import FoundationEssentials
import MusterAPI

/// Tables for people, JSON for programs.
enum OutputFormat: String, ExpressibleByArgument, CaseIterable, Sendable {
    case table, json
}

/// Prints a list page by page: one table, or one JSON array with an object a line.
struct ListPrinter<Item: Encodable & TableRow> {
    private let format: OutputFormat
    private let emptyText: String
    private var table = Table(Item.columns)
    private var count = 0

    /// - Parameter empty: what people read when there is nothing.
    init(_ format: OutputFormat, empty: String) {
        self.format = format
        emptyText = empty
    }

    mutating func print(_ items: [Item]) throws {
        var text = ""
        switch format {
        case .table: text = table.lines(items.map(\.cells)).map { $0 + "\n" }.joined()
        case .json:
            for (index, item) in items.enumerated() { text += (count + index == 0 ? "[\n" : ",\n") + (try Self.json(item)) }
        }
        count += items.count
        try Console.write(text)
    }

    func finish() throws {
        switch format {
        case .table: if count == 0 { Console.remark(emptyText) }
        case .json: try Console.line(count == 0 ? "[]" : "\n]")
        }
    }

    static func json(_ value: some Encodable) throws -> String {
        String(decoding: try APICoding.encode(value), as: UTF8.self)
    }
}

extension APIClient {
    /// Prints a list of the server, page by page.
    mutating func printList<Item: Codable & Sendable & TableRow>(
        of item: Item.Type, at path: String, query: [(name: String, value: String)] = [], limit: Int?, _ format: OutputFormat,
        empty: String
    ) async throws {
        var printer = ListPrinter<Item>(format, empty: empty)
        try await forEachPage(path, query: query, limit: limit) { try printer.print($0) }
        try printer.finish()
    }
}

/// Prints one thing: its members under one another, or its JSON.
enum ItemPrinter {
    static func print(_ value: some Encodable, _ format: OutputFormat, members: [(name: String, value: String)]) throws {
        switch format {
        case .json: try Console.line(String(decoding: try APICoding.encode(value, pretty: true), as: UTF8.self))
        case .table:
            let width = members.map(\.name.count).max() ?? 0
            for (name, value) in members {
                let padding = String(repeating: " ", count: width - name.count + 2)
                try Console.line(name + padding + TerminalText.escaped(value))
            }
        }
    }
}
