// SPDX-License-Identifier: Apache-2.0

/// Rows for people: columns as wide as their widest cell, headings in capitals, two blanks between columns.
struct TextTable {
    private let headings: [String]
    private var rows: [[String]] = []

    init(_ headings: [String]) {
        self.headings = headings.map { $0.uppercased() }
    }

    /// Adds a row of as many cells as there are headings. Control characters are shown, not obeyed.
    mutating func add(_ cells: [String]) {
        precondition(cells.count == headings.count, "a row has a cell for each heading")
        rows.append(cells.map(\.printable))
    }

    /// The headings and the rows, each a line.
    var text: String {
        var widths = headings.map(\.count)
        for row in rows { for (column, cell) in row.enumerated() { widths[column] = max(widths[column], cell.count) } }
        return ([headings] + rows).map { TextTable.line($0, widths: widths) }.joined(separator: "\n")
    }

    /// One line of cells; a cell wider than its column pushes the rest to the right.
    static func line(_ cells: [String], widths: [Int]) -> String {
        var line = ""
        for (cell, width) in zip(cells, widths) {
            line += cell + String(repeating: " ", count: max(0, width - cell.count) + 2)
        }
        while line.last == " " { line.removeLast() }
        return line
    }
}

extension String {
    /// The text with control characters written as `\u{…}`: what a server or a stranger wrote must not steer a terminal.
    var printable: String {
        unicodeScalars.reduce(into: "") { text, scalar in
            switch scalar.properties.generalCategory {
            case .control, .format, .lineSeparator, .paragraphSeparator, .surrogate:
                text += "\\u{\(String(scalar.value, radix: 16))}"
            default: text.unicodeScalars.append(scalar)
            }
        }
    }
}
