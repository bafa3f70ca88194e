// SPDX-License-Identifier: Apache-2.0
import Synchronization

/// A store in one SQLite file: one connection writes and checkpoints, another reads.
///
/// The log (`-wal`) is synced at each commit. After an input or output error both connections are opened anew at their
/// next use, so that a disk that comes back is used again.
public final class SQLiteStore: Store {
    /// How the file is used. The defaults were measured; see docs/performance.md.
    public struct Options: Hashable, Sendable {
        /// Octets of a page, a power of two from 512 to 65536; for a new file only.
        public var pageSize = 4096
        /// Octets of memory for each connection's cache.
        public var cacheBytes = 16 << 20
        /// Pages in the log from which it is copied to the database.
        public var checkpointPages = 2000
        /// The log is cut to this many octets when it begins anew.
        public var journalSizeLimit = 64 << 20
        /// How long a commit waits for another program that holds the database.
        public var busyTimeoutMilliseconds: Int32 = 5000
        /// The database may not grow past this many octets; at the limit commits fail as on a full disk.
        public var maximumBytes: Int?

        public init() {}
    }

    /// The database file.
    public let path: String
    private let options: Options
    private let writing: Mutex<WriteState>
    private let reading: Mutex<ReadState>
    private let entries = Atomic(0)
    private let octets = Atomic(0)

    private struct WriteState {
        var writer: SQLiteWriter?
        var fileLock: FileLock?
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
        self.options = options
        let fileLock: FileLock
        let writer: SQLiteWriter
        let reader: SQLiteReader
        do throws(StoreError) {
            fileLock = try FileLock(path: path + "-lock")
            try createPrivateFile(path: path)
            writer = try SQLiteWriter(path: path, options: options)
            entries.store(writer.outbox.count, ordering: .relaxed)
            octets.store(writer.outbox.bytes, ordering: .relaxed)
            reader = try SQLiteReader(path: path, options: options)
        } catch {
            throw error.naming("open the database", path)
        }
        writing = Mutex(WriteState(writer: writer, fileLock: fileLock))
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

    public func commit(_ mutations: [StoreMutation]) throws(StoreError) {
        guard !mutations.isEmpty else { return }
        do throws(StoreError) {
            try writing.withLock { state throws(StoreError) in try commit(mutations, &state) }
        } catch {
            let changes = mutations.count == 1 ? "1 change" : "\(mutations.count) changes"
            throw error.naming("commit \(changes)", path)
        }
    }

    private func commit(_ mutations: [StoreMutation], _ state: inout WriteState) throws(StoreError) {
        guard state.fileLock != nil else { throw StoreError(.closed) }
        do throws(StoreError) {
            if state.writer == nil { state.writer = try SQLiteWriter(path: path, options: options) }
            try state.writer?.commit(mutations)
        } catch {
            state.statistics.failures += 1
            // A connection that met such an error may keep a file that is gone.
            if error.kind == .inputOutput { state.writer = nil }
            throw error
        }
        state.statistics.commits += 1
        state.statistics.mutations += mutations.count
        if let size = state.writer?.outbox {
            entries.store(size.count, ordering: .relaxed)
            octets.store(size.bytes, ordering: .relaxed)
        }
        checkpoint(&state)
    }

    /// What is in the log is durable: a checkpoint that fails costs no commit, and is tried again.
    private func checkpoint(_ state: inout WriteState) {
        do throws(StoreError) {
            if try state.writer?.checkpointIfDue() == true { state.statistics.checkpoints += 1 }
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
                    if error.kind == .inputOutput { state.reader = nil }
                    throw error
                }
            }
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
