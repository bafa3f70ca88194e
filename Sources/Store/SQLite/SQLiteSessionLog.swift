// SPDX-License-Identifier: Apache-2.0

/// The newest session states, appended in the order of their commits, so that a commit of many sessions writes a few
/// neighbouring pages and not one page a session.
///
/// When the log is long, its older half moves to the table of sessions: a few states with each commit, in the table's
/// order so that they share pages, and without those that have a newer state in the log: busy devices hardly ever touch
/// the table. Then that half is trimmed, as gently. What the log holds counts for more than the table, and a row
/// without a state says that the session is gone. Not safe for threads: it belongs to the writer.
final class SQLiteSessionLog {
    /// Rows on their way to the table.
    private struct Sweep {
        /// By device.
        var rows: [(device: Int64, row: Int64)]
        var position = 0
        /// The first row that stays in the log.
        var end: Int64
    }

    /// What a transaction does, until it is known whether it holds.
    private struct Change {
        var appended: [Int64] = []
        var tombstones: [Int64] = []
        var moved = 0
        var trimmed = 0
        var isSettling = false
    }

    private let limit: Int
    private let append: SQLiteStatement
    private let move: SQLiteStatement
    private let trim: SQLiteStatement
    private let deleteSession: SQLiteStatement
    private let stateInLog: SQLiteStatement
    private let stateInTable: SQLiteStatement

    /// The id of the oldest row.
    private var first: Int64
    /// The devices of the rows from `first` on; those before `head` are gone.
    private var devices: [Int64] = []
    private var head = 0
    /// The newest row of each device, until it is in the table.
    private(set) var newest: [Int64: Int64] = [:]
    /// Rows without a state.
    private var tombstones: Set<Int64> = []
    private var sweep: Sweep?
    private var change = Change()

    private var count: Int { devices.count - head }
    private var next: Int64 { first + Int64(count + change.appended.count) }

    /// Begins with the rows that an earlier run left.
    ///
    /// - Parameter limit: how many rows move at a time; the log holds up to three times as many.
    init(_ connection: SQLiteConnection, limit: Int) throws(StoreError) {
        self.limit = limit
        append = try connection.prepare("INSERT INTO session_log (id, dev_eui, state) VALUES (?, ?, ?)")
        move = try connection.prepare(
            "INSERT OR REPLACE INTO sessions (dev_eui, state) SELECT dev_eui, state FROM session_log WHERE id = ?"
        )
        trim = try connection.prepare("DELETE FROM session_log WHERE id BETWEEN ? AND ?")
        deleteSession = try connection.prepare("DELETE FROM sessions WHERE dev_eui = ?")
        stateInLog = try connection.prepare("SELECT state FROM session_log WHERE id = ?")
        stateInTable = try connection.prepare("SELECT state FROM sessions WHERE dev_eui = ?")
        first = try connection.integer("SELECT min(id) FROM session_log")
        devices = try connection.prepare("SELECT dev_eui FROM session_log ORDER BY id").rows { row in row.integer(0) }
        for (index, device) in devices.enumerated() { newest[device] = first + Int64(index) }
        let gone = try connection.prepare("SELECT id FROM session_log WHERE state IS NULL")
        tombstones = Set(try gone.rows { row in row.integer(0) })
    }

    // MARK: Within a transaction

    func put(_ device: Int64, _ state: [UInt8]) throws(StoreError) {
        append.bind(1, next)
        append.bind(2, device)
        try append.run(lending: state, at: 3)
        change.appended.append(device)
    }

    func delete(_ device: Int64) throws(StoreError) {
        let row = next
        append.bind(1, row)
        append.bind(2, device)
        append.bindNull(3)
        try append.run()
        change.appended.append(device)
        change.tombstones.append(row)
    }

    /// Takes the next steps of moving the older half: as many as keep pace with what the transaction appended.
    func advance() throws(StoreError) {
        let pace = 32 + 2 * change.appended.count
        if sweep == nil, count >= 2 * limit { begin() }
        guard let sweep else { return }
        let left = sweep.rows.count - sweep.position
        guard left == 0 else {
            change.moved = min(left, pace)
            try move(sweep.rows[sweep.position..<sweep.position + change.moved])
            return
        }
        change.trimmed = min(Int(sweep.end - first), 2 * pace)
        trim.bind(1, first)
        trim.bind(2, first + Int64(change.trimmed) - 1)
        try trim.run()
    }

    /// Moves all states to the table and empties the log.
    func settle() throws(StoreError) {
        sweep = nil
        change.isSettling = true
        try move(newest.map { (device: $0.key, row: $0.value) }.sorted { $0.device < $1.device }[...])
        trim.bind(1, first)
        trim.bind(2, next - 1)
        try trim.run()
    }

    private func begin() {
        var rows: [(device: Int64, row: Int64)] = []
        rows.reserveCapacity(limit)
        for offset in 0..<limit {
            let device = devices[head + offset]
            let row = first + Int64(offset)
            if newest[device] == row { rows.append((device, row)) }
        }
        rows.sort { $0.device < $1.device }
        sweep = Sweep(rows: rows, end: first + Int64(limit))
    }

    private func move(_ rows: ArraySlice<(device: Int64, row: Int64)>) throws(StoreError) {
        for (device, row) in rows where newest[device] == row {
            if tombstones.contains(row) {
                try deleteSession.run(with: device)
            } else {
                try move.run(with: row)
            }
        }
    }

    // MARK: After it

    func committed() {
        if change.isSettling {
            first = next
            devices.removeAll(keepingCapacity: true)
            head = 0
            newest.removeAll(keepingCapacity: true)
            tombstones.removeAll()
        } else {
            noteProgress()
            var row = first + Int64(count)
            for device in change.appended {
                newest[device] = row
                row += 1
            }
            devices += change.appended
            tombstones.formUnion(change.tombstones)
        }
        forgetChange()
    }

    func rolledBack() { forgetChange() }

    var isEmpty: Bool { count == 0 }

    /// The state of a device's session after the last commit.
    func state(of device: Int64) throws(StoreError) -> [UInt8]? {
        let statement: SQLiteStatement
        if let row = newest[device] {
            statement = stateInLog
            statement.bind(1, row)
        } else {
            statement = stateInTable
            statement.bind(1, device)
        }
        return try statement.rows { row in row.isNull(0) ? nil : row.octets(0) }.first ?? nil
    }

    private func noteProgress() {
        guard let sweep else { return }
        for (device, row) in sweep.rows[sweep.position..<sweep.position + change.moved] where newest[device] == row {
            newest[device] = nil
        }
        self.sweep?.position += change.moved
        if change.trimmed > 0, !tombstones.isEmpty {
            for row in first..<first + Int64(change.trimmed) { tombstones.remove(row) }
        }
        first += Int64(change.trimmed)
        head += change.trimmed
        if first == sweep.end { self.sweep = nil }
        if head > limit {
            devices.removeFirst(head)
            head = 0
        }
    }

    private func forgetChange() {
        change.appended.removeAll(keepingCapacity: true)
        change.tombstones.removeAll()
        change.moved = 0
        change.trimmed = 0
        change.isSettling = false
    }
}
