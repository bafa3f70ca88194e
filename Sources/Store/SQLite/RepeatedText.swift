// SPDX-License-Identifier: Apache-2.0

/// The last text of a column with its meaning: neighbouring rows mostly say the same, and share it.
struct RepeatedText<Value> {
    private var octets: [UInt8] = []
    private var last: Value?

    /// What the text of a column means.
    mutating func value(
        _ row: SQLiteStatement,
        _ column: Int32,
        _ read: (String) throws(StoreError) -> Value,
    ) throws(StoreError) -> Value {
        if let last, row.holds(octets, column) { return last }
        let text = row.text(column)
        let value = try read(text)
        octets = Array(text.utf8)
        last = value
        return value
    }
}

extension RepeatedText<String> {
    /// The text itself, which rows that repeat it share.
    mutating func text(_ row: SQLiteStatement, _ column: Int32) throws(StoreError) -> String {
        try value(row, column) { text throws(StoreError) in text }
    }

    mutating func optionalText(_ row: SQLiteStatement, _ column: Int32) throws(StoreError) -> String? {
        row.isNull(column) ? nil : try text(row, column)
    }
}
