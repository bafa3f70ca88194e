// SPDX-License-Identifier: Apache-2.0
import Synchronization

/// A store in one SQLite file: one connection writes and checkpoints, another reads.
///
/// The log (`-wal`) is synced at each commit. After an input or output error, and when the file is found damaged, both
/// connections are opened anew at their next use, so that a disk that comes back is used again.
public final class SQLiteStore: Store {
    /// How the file is used. The defaults were measured.
    public struct Options: Hashable, Sendable {
        /// Octets of a page, a power of two from 512 to 65536; for a new file only.
        public var pageSize = 4096
        /// Octets of memory for each connection's cache.
        public var cacheBytes = 16 << 20
        /// How many session states move from their log to their place at a time. The log holds up to three times as
        /// many and takes some 60 octets of memory for each; a device that sends again meanwhile spares the move.
        public var sessionLogRows = 131_072
        /// Pages in the log from which it is copied to the database.
        public var checkpointPages = 2000
        /// The log is cut to this many octets when it begins anew.
        public var journalSizeLimit = 64 << 20
        /// Octets of a file beside the database that are given up when the disk is full, so that removing still works.
        public var reserveBytes = 8 << 20
        /// How long a commit waits for another program that holds the database.
        public var busyTimeoutMilliseconds: Int32 = 5000
        /// The database may not grow past this many octets; at the limit commits fail as on a full disk.
        public var maximumBytes: Int?

        public init() {}
    }

    /// The database file.
    public let path: String
    let options: Options
    private let writing: Mutex<WriteState>
    private let reading: Mutex<ReadState>
    private let entries = Atomic(0)
    private let octets = Atomic(0)

    private struct WriteState {
        var writer: SQLiteWriter?
        var fileLock: FileLock?
        var reserve: DiskReserve
        /// Since the disk was full, until there is room for growth again.
        var isFull: Bool
        var statistics = StoreStatistics()
    }

    private struct ReadState {
        var reader: SQLiteReader?
        var isClosed = false
    }

    /// Opens or creates the database and brings it to this version's schema.
    ///
    /// - Parameter path: the file; its directory must exist. A file created here is readable by its owner alone.
    public init(path: String, options: Options = Options()) throws(StoreError) {
        self.path = path
        let reserve: DiskReserve
        let fileLock: FileLock
        let writer: SQLiteWriter
        let reader: SQLiteReader
        do throws(StoreError) {
            fileLock = try FileLock(path: path + "-lock")
            try createPrivateFile(path: path)
            reserve = DiskReserve(path: path + "-reserve", bytes: options.reserveBytes)
            // The log must always fit the room that the reserve holds: then it can be copied to the database.
            var options = options
            if reserve.bytes > 0 {
                options.checkpointPages = min(options.checkpointPages, max(16, reserve.bytes / options.pageSize))
            }
            self.options = options
            writer = try SQLiteWriter(path: path, options: options)
            entries.store(writer.outbox.count, ordering: .relaxed)
            octets.store(writer.outbox.bytes, ordering: .relaxed)
            reader = try SQLiteReader(path: path, options: options)
        } catch {
            throw error.naming("open the database", path)
        }
        writing = Mutex(WriteState(writer: writer, fileLock: fileLock, reserve: reserve, isFull: !reserve.isHeld))
        reading = Mutex(ReadState(reader: reader))
    }

    /// Ends reading and writing: what was committed moves from the log into the database file. Later calls fail with
    /// `closed`.
    public func close() throws(StoreError) {
        reading.withLock { state in
            state.reader = nil
            state.isClosed = true
        }
        do throws(StoreError) {
            try writing.withLock { state throws(StoreError) in
                defer {
                    state.writer = nil
                    state.fileLock = nil
                }
                try state.writer?.finish()
            }
        } catch {
            throw error.naming("close the database", path)
        }
    }

    // MARK: Writing

    public func commit(_ lists: [[StoreMutation]]) throws(StoreError) {
        let count = lists.reduce(0) { $0 + $1.count }
        guard count > 0 else { return }
        do throws(StoreError) {
            try writing.withLock { state throws(StoreError) in try commit(lists, count, &state) }
        } catch {
            let changes = count == 1 ? "1 change" : "\(count) changes"
            throw error.naming("commit \(changes)", path)
        }
    }

    private func commit(
        _ lists: [[StoreMutation]],
        _ count: Int,
        _ state: inout WriteState,
    ) throws(StoreError) {
        do throws(StoreError) {
            let writer = try openedWriter(&state)
            if state.isFull, lists.joined().contains(where: \.needsRoom) { try requireRoom(writer, &state) }
            try writer.commit(lists)
        } catch {
            state.statistics.failures += 1
            discardWriter(&state, after: error)
            if error.kind == .diskFull, !state.isFull { giveUpReserve(&state) }
            throw error
        }
        state.statistics.commits += 1
        state.statistics.mutations += count
        if let size = state.writer?.outbox {
            entries.store(size.count, ordering: .relaxed)
            octets.store(size.bytes, ordering: .relaxed)
        }
        checkpoint(&state)
    }

    /// Room for growth is on the disk when the reserve can be held again; else what the database holds unused, as long
    /// as it needs not grow for it.
    private func requireRoom(_ writer: SQLiteWriter, _ state: inout WriteState) throws(StoreError) {
        state.reserve.restore()
        state.isFull = !state.reserve.isHeld
        guard state.isFull else { return }
        let unused = try writer.unusedBytes()
        guard unused >= min(Self.leastUnusedBytes, state.reserve.bytes) else {
            throw StoreError(.diskFull, detail: "only what needs no room is taken")
        }
    }

    /// More than one commit takes.
    private static let leastUnusedBytes = 4 << 20

    /// A log that is copied to the database begins anew in the space it has.
    private func giveUpReserve(_ state: inout WriteState) {
        state.isFull = true
        state.reserve.release()
        checkpoint(&state, evenIfShort: true)
    }

    private func openedWriter(_ state: inout WriteState) throws(StoreError) -> SQLiteWriter {
        guard state.fileLock != nil else { throw StoreError(.closed) }
        if let writer = state.writer { return writer }
        let writer = try SQLiteWriter(path: path, options: options)
        state.writer = writer
        return writer
    }

    /// A connection that met such an error may keep a file that is gone.
    private func discardWriter(_ state: inout WriteState, after error: StoreError) {
        if error.kind == .inputOutput || error.kind == .corrupt { state.writer = nil }
    }

    /// Runs a query of what only the writer knows; it waits for a commit that runs.
    func withWriter<Answer>(
        _ action: StaticString,
        _ query: @Sendable (SQLiteWriter) throws(StoreError) -> sending Answer,
    ) throws(StoreError) -> sending Answer {
        do throws(StoreError) {
            return try writing.withLock { state throws(StoreError) in
                do throws(StoreError) {
                    return try query(openedWriter(&state))
                } catch {
                    discardWriter(&state, after: error)
                    throw error
                }
            }
        } catch {
            throw error.naming("\(action)", path)
        }
    }

    /// What is in the log is durable: a checkpoint that fails costs no commit, and is tried again.
    private func checkpoint(_ state: inout WriteState, evenIfShort: Bool = false) {
        do throws(StoreError) {
            if try state.writer?.checkpointIfDue(evenIfShort: evenIfShort) == true { state.statistics.checkpoints += 1 }
        } catch {
            state.statistics.checkpointFailures += 1
            state.statistics.lastCheckpointFailure = error.naming("copy the log to the database", path)
        }
        state.statistics.logPages = state.writer?.logPages ?? 0
    }

    public var outboxCount: Int { entries.load(ordering: .relaxed) }

    public var outboxBytes: Int { octets.load(ordering: .relaxed) }

    /// Waits for a commit that runs.
    public var statistics: StoreStatistics { writing.withLock { state in state.statistics } }

    // MARK: Reading

    /// Runs a query on the reader, opening it anew after an input or output error.
    func read<Answer>(
        _ action: StaticString,
        _ query: @Sendable (SQLiteReader) throws(StoreError) -> sending Answer,
    ) throws(StoreError) -> sending Answer {
        do throws(StoreError) {
            return try reading.withLock { state throws(StoreError) in
                guard !state.isClosed else { throw StoreError(.closed) }
                do throws(StoreError) {
                    if let reader = state.reader { return try query(reader) }
                    let reader = try SQLiteReader(path: path, options: options)
                    state.reader = reader
                    return try query(reader)
                } catch {
                    if error.kind == .inputOutput || error.kind == .corrupt { state.reader = nil }
                    throw error
                }
            }
        } catch {
            throw error.naming("\(action)", path)
        }
    }
}

extension SQLiteStore {
    /// Runs queries on a reader made for them alone, for those that read for long.
    func withOwnReader(
        _ action: StaticString,
        _ query: (SQLiteReader) throws(StoreError) -> Void,
    ) throws(StoreError) {
        do throws(StoreError) {
            try query(try SQLiteReader(path: path, options: options))
        } catch {
            throw error.naming("\(action)", path)
        }
    }
}

extension StoreError {
    fileprivate func naming(_ action: String, _ path: String) -> StoreError {
        var error = self
        error.action = action
        error.path = path
        return error
    }
}
