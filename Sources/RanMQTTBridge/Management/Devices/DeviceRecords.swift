// SPDX-License-Identifier: Apache-2.0

/// A list of devices cut into pieces that a broker carries, each a list of its own.
struct DeviceRecords {
    /// How a list is written.
    enum Format: String {
        case jsonl
        case csv
    }

    /// One piece.
    struct Piece {
        /// The piece's text, with the headings when it is a table.
        var text: String
        /// How many records it holds.
        var count: Int
        /// What to add to a line number of the piece to get that of the whole list.
        var lineOffset: Int
        /// How many lines the text has.
        fileprivate var lines: Int
    }

    /// The pieces in order.
    private(set) var pieces: [Piece] = []
    /// How many records there are in all.
    var count: Int { pieces.reduce(0) { $0 + $1.count } }

    /// - Parameters:
    ///   - recordLimit: how many records a piece holds at most.
    ///   - byteLimit: how large it grows at most, unless one record alone is larger.
    init(_ text: String, format: Format, recordLimit: Int = 500, byteLimit: Int = 400_000) {
        var heading = ""
        var piece: Piece?
        var line = 1
        for record in DeviceRecords.records(text, format) {
            defer { line += record.lines }
            if record.isBlank { continue }
            if format == .csv, heading.isEmpty {
                heading = record.text
                continue
            }
            if let full = piece, full.count >= recordLimit || full.text.utf8.count + record.text.utf8.count > byteLimit
            {
                pieces.append(full)
                piece = nil
            }
            // Blank lines inside a piece are kept, so that its lines stay in step with the list's.
            let before = heading.isEmpty ? 0 : 1
            var current = piece ?? Piece(text: heading, count: 0, lineOffset: line - 1 - before, lines: before)
            // Else every append would copy the text.
            piece = nil
            let missing = max(0, line - current.lineOffset - 1 - current.lines)
            current.text += String(repeating: "\n", count: missing) + record.text
            current.lines += missing + record.lines
            current.count += 1
            piece = current
        }
        if let piece { pieces.append(piece) }
    }

    private struct Record {
        var text: String
        /// How many lines it takes: a quoted cell may hold line breaks.
        var lines: Int
        var isBlank: Bool { text.utf8.allSatisfy { [0x20, 0x09, 0x0A, 0x0D].contains($0) } }
    }

    private static func records(_ text: String, _ format: Format) -> [Record] {
        var records: [Record] = []
        var start = text.utf8.startIndex
        var lines = 0
        var isQuoted = false
        for index in text.utf8.indices {
            switch text.utf8[index] {
            case UInt8(ascii: "\"") where format == .csv: isQuoted.toggle()
            case UInt8(ascii: "\n"):
                lines += 1
                guard !isQuoted else { continue }
                let end = text.utf8.index(after: index)
                records.append(Record(text: String(text[start..<end]), lines: lines))
                start = end
                lines = 0
            default: break
            }
        }
        if start < text.utf8.endIndex { records.append(Record(text: String(text[start...]) + "\n", lines: lines + 1)) }
        return records
    }
}
