// SPDX-License-Identifier: Apache-2.0
import LoRaWAN

/// The one connection that writes and checkpoints, with its statements.
final class SQLiteWriter {
    /// What the outbox holds.
    struct OutboxSize {
        var count: Int
        var bytes: Int
    }

    private let connection: SQLiteConnection
    private let statements: SQLiteHotStatements
    private let registry: SQLiteRegistryWriter
    private let groups: SQLiteGroupWriter
    private let sessions: SQLiteSessionLog
    private let log = LogLength()
    private let checkpointPages: Int
    private var nextCheckpoint: Int
    /// After the last commit.
    private(set) var outbox: OutboxSize
    /// After the mutations of the transaction that is open.
    private var pending: OutboxSize

    var logPages: Int { log.pages }

    init(path: String, options: SQLiteStore.Options) throws(StoreError) {
        connection = try SQLiteConnection(path: path, access: .readWrite, busyTimeout: options.busyTimeoutMilliseconds)
        guard !connection.isReadOnly else { throw StoreError(.readOnly, detail: "it opens for reading alone") }
        // Page size first: it is fixed by the first page written. Mapped memory and a second checkpointer are what the
        // log of SQLite before 3.51.3 can be damaged by.
        try connection.execute(
            """
            PRAGMA page_size = \(options.pageSize);
            PRAGMA journal_mode = WAL;
            PRAGMA synchronous = FULL;
            PRAGMA mmap_size = 0;
            PRAGMA cache_size = -\(options.cacheBytes / 1024);
            PRAGMA journal_size_limit = \(options.journalSizeLimit);
            PRAGMA trusted_schema = OFF;
            """
        )
        if let maximumBytes = options.maximumBytes {
            let pageSize = Int(try connection.integer("PRAGMA page_size"))
            try connection.execute("PRAGMA max_page_count = \(max(1, maximumBytes / pageSize))")
        }
        try SQLiteSchema.migrate(connection)
        statements = try SQLiteHotStatements(connection)
        registry = try SQLiteRegistryWriter(connection)
        groups = try SQLiteGroupWriter(connection)
        sessions = try SQLiteSessionLog(connection, limit: options.sessionLogRows)
        checkpointPages = options.checkpointPages
        nextCheckpoint = options.checkpointPages
        outbox = OutboxSize(
            count: Int(try connection.integer("SELECT count(*) FROM outbox")),
            bytes: Int(try connection.integer("SELECT total(length(payload)) FROM outbox")),
        )
        pending = outbox
        connection.watchLog(log)
    }

    /// One transaction.
    func commit(_ lists: [[StoreMutation]]) throws(StoreError) {
        try transaction { () throws(StoreError) in
            var place = 0
            for mutations in lists {
                for index in mutations.indices {
                    do throws(StoreError) {
                        try apply(mutations[index])
                    } catch {
                        var error = error
                        if !error.isTransient { error.mutation = place + index }
                        throw error
                    }
                }
                place += mutations.count
            }
            try sessions.advance()
        }
    }

    /// Brings all sessions to their table, for reading them in order.
    func settleSessions() throws(StoreError) {
        guard !sessions.isEmpty else { return }
        try transaction { () throws(StoreError) in try sessions.settle() }
    }

    /// The row of the session log that holds the newest state of each device, as far as it is not in the table.
    var unsettledSessions: [Int64: Int64] { sessions.newest }

    func session(_ devEUI: EUI64) throws(StoreError) -> [UInt8]? {
        try sessions.state(of: devEUI.column)
    }

    private func transaction(_ work: () throws(StoreError) -> Void) throws(StoreError) {
        pending = outbox
        try statements.begin.run()
        do throws(StoreError) {
            try work()
            try statements.commit.run()
        } catch {
            sessions.rolledBack()
            // SQLite has rolled back by itself after some errors; a rollback that fails leaves nothing durable either.
            if connection.isInTransaction { do { try statements.rollback.run() } catch {} }
            throw error
        }
        sessions.committed()
        outbox = pending
    }

    /// Copies the log to the database when it has grown long enough; true when it did.
    func checkpointIfDue(evenIfShort: Bool) throws(StoreError) -> Bool {
        guard log.pages >= nextCheckpoint || evenIfShort else { return false }
        // Until it succeeds, or while a reader keeps pages in the log, the next try is as many pages away.
        nextCheckpoint = log.pages + checkpointPages
        let result = try connection.checkpoint()
        if result.copied == result.log { nextCheckpoint = checkpointPages }
        return true
    }

    /// Octets of the database that hold nothing.
    func unusedBytes() throws(StoreError) -> Int {
        Int(try connection.integer("PRAGMA freelist_count") * connection.integer("PRAGMA page_size"))
    }

    /// Empties the log, for a quick next start.
    func finish() throws(StoreError) {
        _ = try connection.checkpoint(truncating: true)
    }

    private func apply(_ mutation: StoreMutation) throws(StoreError) {
        switch mutation {
        case .putSession(let devEUI, let state): try sessions.put(devEUI.column, state)
        case .putOutbox(let entry): try append(entry)
        case .deleteOutbox(let ids): try removeFromOutbox(ids)
        case .updateOutbox(let id, let payload): try replaceInOutbox(id, payload)
        case .putJoinState(let devEUI, let state):
            statements.putJoinState.bind(1, devEUI.column)
            try statements.putJoinState.run(lending: state, at: 2)
        case .putDownlink(let entry):
            statements.putDownlink.bind(1, entry.devEUI.column)
            statements.putDownlink.bind(2, Int64(bitPattern: entry.id))
            statements.putDownlink.bind(3, entry.position)
            try statements.putDownlink.run(lending: entry.payload, at: 4)
        case .deleteDownlink(let devEUI, let id):
            statements.deleteDownlink.bind(1, devEUI.column)
            statements.deleteDownlink.bind(2, Int64(bitPattern: id))
            try statements.deleteDownlink.run()
        case .deleteSession(let devEUI): try sessions.delete(devEUI.column)
        case .deleteJoinState(let devEUI): try statements.deleteJoinState.run(with: devEUI.column)
        case .deleteDownlinks(let devEUI): try statements.deleteDownlinks.run(with: devEUI.column)
        default: try applyToRegistry(mutation)
        }
    }

    private func applyToRegistry(_ mutation: StoreMutation) throws(StoreError) {
        switch mutation {
        case .putApplication(let application): try registry.put(application, on: connection)
        case .deleteApplication(let id): try registry.deleteApplication(id, on: connection, sessions)
        case .putDevice(let device): try registry.put(device, statements, sessions)
        case .deleteDevice(let applicationID, let deviceID):
            try registry.delete(
                DeviceRecord.Key(applicationID: applicationID, deviceID: deviceID),
                statements,
                sessions
            )
        case .putAccessKey(let key): try registry.put(key, on: connection)
        case .deleteAccessKey(let applicationID, let name):
            try connection.run("DELETE FROM access_keys WHERE application_id = ? AND name = ?", [applicationID, name])
        case .putMulticastGroup(let group): try registry.put(group, on: connection)
        case .deleteMulticastGroup(let applicationID, let groupID):
            try connection.run(
                "DELETE FROM multicast_groups WHERE application_id = ? AND group_id = ?",
                [applicationID, groupID],
            )
        case .putGroupState, .putGroupDownlink, .deleteGroupDownlink, .putGroupMirror, .deleteGroupMirror:
            try groups.apply(mutation)
        case .putRoute(let route): try registry.put(route)
        case .deleteRoute(let coverage, let devEUI): try registry.deleteRoute(coverage, devEUI)
        case .putAnswer(let answer): try registry.put(answer, on: connection)
        case .deleteAnswers(let moment):
            try connection.prepare("DELETE FROM answers WHERE answered_at < ?").run(with: moment.nanoseconds)
        case .putSetting(let name, let value): try registry.putSetting(name, value, on: connection)
        case .deleteSetting(let name): try connection.run("DELETE FROM settings WHERE name = ?", [name])
        case .putSession, .deleteSession, .putJoinState, .deleteJoinState, .putOutbox, .updateOutbox, .deleteOutbox,
            .putDownlink, .deleteDownlink, .deleteDownlinks:
            preconditionFailure("a change of the hot path belongs to apply")
        }
    }

    // MARK: Outbox

    private func append(_ entry: OutboxEntry) throws(StoreError) {
        statements.putOutbox.bind(1, entry.id)
        statements.putOutbox.bind(2, entry.devEUI.column)
        statements.putOutbox.bind(3, Int64(entry.kind))
        try statements.putOutbox.run(lending: entry.payload, at: 4)
        guard connection.changes == 1 else {
            // The entry is there: this commit is repeated.
            try removeFromOutbox([entry.id])
            return try append(entry)
        }
        pending.count += 1
        pending.bytes += entry.payload.count
    }

    private func replaceInOutbox(_ id: Int64, _ payload: [UInt8]) throws(StoreError) {
        let before = try sizeOfOutbox(from: id, through: id)
        guard before.count == 1 else { return }
        statements.updateOutbox.bind(1, id)
        try statements.updateOutbox.run(lending: payload, at: 2)
        pending.bytes += payload.count - before.bytes
    }

    /// Neighbouring ids leave together: in good times acknowledgements come in the order of publication.
    private func removeFromOutbox(_ ids: [Int64]) throws(StoreError) {
        var start = ids.startIndex
        while start < ids.endIndex {
            var end = start
            while end + 1 < ids.endIndex, ids[end + 1] == ids[end] + 1 { end += 1 }
            let size = try sizeOfOutbox(from: ids[start], through: ids[end])
            if size.count > 0 {
                statements.deleteOutbox.bind(1, ids[start])
                statements.deleteOutbox.bind(2, ids[end])
                try statements.deleteOutbox.run()
                pending.count -= size.count
                pending.bytes -= size.bytes
            }
            start = end + 1
        }
    }

    private func sizeOfOutbox(from first: Int64, through last: Int64) throws(StoreError) -> OutboxSize {
        statements.sizeOfOutbox.bind(1, first)
        statements.sizeOfOutbox.bind(2, last)
        defer { statements.sizeOfOutbox.reset() }
        guard try statements.sizeOfOutbox.step() else { return OutboxSize(count: 0, bytes: 0) }
        return OutboxSize(
            count: Int(statements.sizeOfOutbox.integer(0)),
            bytes: Int(statements.sizeOfOutbox.integer(1)),
        )
    }
}

extension SQLiteConnection {
    /// Runs a statement of texts once.
    func run(_ sql: String, _ texts: [String]) throws(StoreError) {
        let statement = try prepare(sql)
        for (index, text) in texts.enumerated() { try statement.bind(Int32(index + 1), text) }
        try statement.run()
    }
}

extension SQLiteStatement {
    /// Runs a statement of one number.
    func run(with value: Int64) throws(StoreError) {
        bind(1, value)
        try run()
    }
}
