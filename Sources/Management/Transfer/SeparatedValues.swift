// SPDX-License-Identifier: Apache-2.0

/// Rows of fields parted by semicolons, or by commas when the first line holds no semicolon. Quotes enclose fields that
/// hold separators, line breaks or (doubled) quotes.
struct SeparatedValues {
    struct Row {
        /// From 1.
        var line: Int
        var fields: [String]
        /// A quote that is never closed, or text beside one.
        var isBroken = false
    }

    private(set) var rows: [Row] = []

    /// Blank lines are passed over, a byte order mark is left out.
    init(_ text: String) {
        var octets = Array(text.utf8)[...]
        if octets.starts(with: [0xEF, 0xBB, 0xBF]) { octets = octets.dropFirst(3) }
        let firstLine = octets.prefix { $0 != UInt8(ascii: "\n") }
        let separator = firstLine.contains(UInt8(ascii: ";")) ? UInt8(ascii: ";") : UInt8(ascii: ",")
        var line = 1
        var row = Row(line: 1, fields: [])
        var field: [UInt8] = []
        var isQuoted = false
        var wasQuoted = false
        var index = octets.startIndex
        func endField() {
            row.fields.append(String(decoding: field, as: UTF8.self))
            field.removeAll(keepingCapacity: true)
            wasQuoted = false
        }
        func endRow() {
            if field.last == UInt8(ascii: "\r"), !wasQuoted { field.removeLast() }
            let isBlank = row.fields.isEmpty && field.isEmpty && !wasQuoted
            endField()
            if !isBlank { rows.append(row) }
            row = Row(line: line, fields: [])
        }
        while index < octets.endIndex {
            let octet = octets[index]
            index += 1
            if octet == UInt8(ascii: "\n") { line += 1 }
            if isQuoted {
                if octet != UInt8(ascii: "\"") {
                    field.append(octet)
                } else if index < octets.endIndex, octets[index] == UInt8(ascii: "\"") {
                    field.append(octet)
                    index += 1
                } else {
                    isQuoted = false
                }
                continue
            }
            switch octet {
            case separator: endField()
            case UInt8(ascii: "\n"): endRow()
            case UInt8(ascii: "\"") where field.isEmpty && !wasQuoted:
                isQuoted = true
                wasQuoted = true
            case UInt8(ascii: "\r") where wasQuoted: break
            default:
                if wasQuoted { row.isBroken = true }
                field.append(octet)
            }
        }
        if isQuoted { row.isBroken = true }
        if !field.isEmpty || !row.fields.isEmpty || wasQuoted { endRow() }
    }

    /// A field, quoted when it must be.
    static func quoted(_ text: String) -> String {
        let needsQuotes = text.utf8.contains { octet in
            switch octet {
            case UInt8(ascii: ";"), UInt8(ascii: ","), UInt8(ascii: "\""), UInt8(ascii: "\n"), UInt8(ascii: "\r"): true
            default: false
            }
        }
        guard needsQuotes else { return text }
        return "\"" + text.replacing("\"", with: "\"\"") + "\""
    }
}
