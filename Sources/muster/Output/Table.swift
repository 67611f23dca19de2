/// Rows under a heading, columns aligned. Pages follow one another: a later page keeps the widths of the first and widens them
/// where it must, so that a long list is shown while it comes and needs memory for one page only.
struct Table {
    struct Column: Sendable {
        var title: String
        /// Numbers stand at the right.
        var right = false
    }

    private let columns: [Column]
    private var widths: [Int]
    private var headed = false

    init(_ columns: [Column]) {
        self.columns = columns
        widths = columns.map(\.title.count)
    }

    /// The lines for these rows; the heading before the first. Cells are escaped here.
    mutating func lines(_ rows: [[String]]) -> [String] {
        let rows = rows.map { $0.map(TerminalText.escaped) }
        for row in rows {
            for (index, cell) in row.enumerated() where index < widths.count { widths[index] = max(widths[index], cell.count) }
        }
        var lines: [String] = []
        if !headed {
            headed = true
            lines.append(line(columns.map(\.title)))
        }
        return lines + rows.map(line)
    }

    private func line(_ cells: [String]) -> String {
        var text = ""
        for (index, cell) in cells.enumerated() where index < columns.count {
            let padding = String(repeating: " ", count: max(0, widths[index] - cell.count))
            text += columns[index].right ? padding + cell : cell + padding
            text += "  "
        }
        while text.last == " " { text.removeLast() }
        return text
    }
}

/// Something a list shows a line of.
protocol TableRow {
    static var columns: [Table.Column] { get }
    var cells: [String] { get }
}
