// SPDX-License-Identifier: Apache-2.0
// The one file that touches SQLite's pointers: a connection and its prepared statements.
internal import CSQLite
internal import Glibc

/// One connection (`sqlite3_open_v2` without SQLite's own mutex): one thread at a time may use it and its statements.
final class SQLiteConnection {
    enum Access {
        case readOnly
        case readWrite
    }

    private let handle: OpaquePointer

    /// Opens the file; a writer creates it when it is missing.
    init(path: String, access: Access, busyTimeout milliseconds: Int32) throws(StoreError) {
        _ = memoryStatisticsAreOff
        let mode = access == .readOnly ? SQLITE_OPEN_READONLY : SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE
        var opened: OpaquePointer?
        let code = sqlite3_open_v2(path, &opened, mode | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE, nil)
        guard let opened else { throw StoreError(.outOfMemory, code: code, detail: "no memory for a connection") }
        guard code == SQLITE_OK else {
            defer { sqlite3_close_v2(opened) }
            throw StoreError(sqlite: code, of: opened)
        }
        handle = opened
        sqlite3_busy_timeout(opened, milliseconds)
    }

    // Statements that outlive the connection keep it half open until they go: the order does not matter.
    deinit { sqlite3_close_v2(handle) }

    /// Whether the file may not be written although a writer was asked for.
    var isReadOnly: Bool { sqlite3_db_readonly(handle, "main") == 1 }

    /// Whether a transaction is open.
    var isInTransaction: Bool { sqlite3_get_autocommit(handle) == 0 }

    /// How many rows the last insert, update or delete changed.
    var changes: Int { Int(sqlite3_changes64(handle)) }

    /// Runs statements that return nothing of interest.
    func execute(_ sql: String) throws(StoreError) {
        let code = sqlite3_exec(handle, sql, nil, nil, nil)
        guard code == SQLITE_OK else { throw StoreError(sqlite: code, of: handle) }
    }

    /// Prepares one statement that is kept for the life of the connection.
    func prepare(_ sql: String) throws(StoreError) -> SQLiteStatement {
        var prepared: OpaquePointer?
        let code = sqlite3_prepare_v3(handle, sql, -1, UInt32(SQLITE_PREPARE_PERSISTENT), &prepared, nil)
        guard code == SQLITE_OK, let prepared else { throw StoreError(sqlite: code, of: handle) }
        return SQLiteStatement(prepared)
    }

    /// The whole number in the first column of the first row; 0 when there is none.
    func integer(_ sql: String) throws(StoreError) -> Int64 {
        let statement = try prepare(sql)
        return try statement.step() ? statement.integer(0) : 0
    }

    /// Takes checkpoints out of SQLite's hands; `checkpoint` is then called with the pages the log holds.
    func watchLog(_ log: LogLength) {
        sqlite3_wal_hook(handle, noteLogLength, Unmanaged.passUnretained(log).toOpaque())
    }

    /// Copies what no reader needs from the log to the database (`SQLITE_CHECKPOINT_PASSIVE`, or `TRUNCATE`).
    ///
    /// - Returns: the pages in the log and how many of them are in the database.
    func checkpoint(truncating: Bool = false) throws(StoreError) -> (log: Int, copied: Int) {
        var log: Int32 = 0
        var copied: Int32 = 0
        let mode = truncating ? SQLITE_CHECKPOINT_TRUNCATE : SQLITE_CHECKPOINT_PASSIVE
        let code = sqlite3_wal_checkpoint_v2(handle, "main", mode, &log, &copied)
        guard code == SQLITE_OK else { throw StoreError(sqlite: code, of: handle) }
        return (Int(log), Int(copied))
    }
}

/// A prepared statement. Its texts and octets are copied by SQLite except those lent to `run`.
final class SQLiteStatement {
    private let handle: OpaquePointer

    fileprivate init(_ handle: OpaquePointer) {
        self.handle = handle
    }

    deinit { sqlite3_finalize(handle) }

    // MARK: Parameters, from 1

    func bind(_ index: Int32, _ value: Int64) {
        let code = sqlite3_bind_int64(handle, index, value)
        precondition(code == SQLITE_OK, "parameter \(index) is not in the statement or it runs")
    }

    func bind(_ index: Int32, _ value: Double) {
        let code = sqlite3_bind_double(handle, index, value)
        precondition(code == SQLITE_OK, "parameter \(index) is not in the statement or it runs")
    }

    func bindNull(_ index: Int32) {
        let code = sqlite3_bind_null(handle, index)
        precondition(code == SQLITE_OK, "parameter \(index) is not in the statement or it runs")
    }

    func bind(_ index: Int32, _ text: String) throws(StoreError) {
        var text = text
        let code = text.withUTF8 { utf8 in
            utf8.withMemoryRebound(to: CChar.self) { characters in
                guard let start = characters.baseAddress else {
                    return csqlite_bind_text_copied(handle, index, "", 0)
                }
                return csqlite_bind_text_copied(handle, index, start, Int32(clamping: characters.count))
            }
        }
        guard code == SQLITE_OK else { throw StoreError(sqlite: code, of: sqlite3_db_handle(handle)) }
    }

    func bind(_ index: Int32, _ octets: [UInt8]) throws(StoreError) {
        let code = octets.withUnsafeBytes { bytes in
            guard let start = bytes.baseAddress else { return sqlite3_bind_zeroblob(handle, index, 0) }
            return csqlite_bind_blob_copied(handle, index, start, Int32(clamping: bytes.count))
        }
        guard code == SQLITE_OK else { throw StoreError(sqlite: code, of: sqlite3_db_handle(handle)) }
    }

    // MARK: Running

    /// Runs a statement that returns no rows.
    func run() throws(StoreError) {
        let code = sqlite3_step(handle)
        // The reset repeats the code of the step.
        sqlite3_reset(handle)
        guard code == SQLITE_DONE || code == SQLITE_ROW else {
            throw StoreError(sqlite: code, of: sqlite3_db_handle(handle))
        }
    }

    /// Runs a statement that returns no rows, lending it the octets instead of copying them.
    func run(lending octets: [UInt8], at index: Int32) throws(StoreError) {
        let failure: StoreError? = octets.withUnsafeBytes { bytes in
            var code =
                if let start = bytes.baseAddress {
                    csqlite_bind_blob_lent(handle, index, start, Int32(clamping: bytes.count))
                } else {
                    sqlite3_bind_zeroblob(handle, index, 0)
                }
            if code == SQLITE_OK { code = sqlite3_step(handle) }
            sqlite3_reset(handle)
            let failure = code == SQLITE_DONE ? nil : StoreError(sqlite: code, of: sqlite3_db_handle(handle))
            // Nothing may point at the octets once they are the caller's again.
            sqlite3_bind_null(handle, index)
            return failure
        }
        if let failure { throw failure }
    }

    /// Goes to the next row; false after the last.
    func step() throws(StoreError) -> Bool {
        let code = sqlite3_step(handle)
        switch code {
        case SQLITE_ROW: return true
        case SQLITE_DONE: return false
        default: throw StoreError(sqlite: code, of: sqlite3_db_handle(handle))
        }
    }

    /// Ends the reading of rows, and with it the read transaction.
    func reset() { sqlite3_reset(handle) }

    // MARK: Columns of the row, from 0

    func isNull(_ column: Int32) -> Bool { sqlite3_column_type(handle, column) == SQLITE_NULL }

    func integer(_ column: Int32) -> Int64 { sqlite3_column_int64(handle, column) }

    func double(_ column: Int32) -> Double { sqlite3_column_double(handle, column) }

    func text(_ column: Int32) -> String {
        // Borrowed until the next step; the length is asked for after the text, as SQLite wants it.
        guard let start = sqlite3_column_text(handle, column) else { return "" }
        let count = Int(sqlite3_column_bytes(handle, column))
        return String(decoding: UnsafeBufferPointer(start: start, count: count), as: UTF8.self)
    }

    /// Whether the column is a text of these octets.
    func holds(_ text: [UInt8], _ column: Int32) -> Bool {
        guard let start = sqlite3_column_text(handle, column) else { return false }
        return UnsafeBufferPointer(start: start, count: Int(sqlite3_column_bytes(handle, column))).elementsEqual(text)
    }

    /// 16 octets as two big-endian numbers; nil when there are more or fewer.
    func block(_ column: Int32) -> (high: UInt64, low: UInt64)? {
        guard let start = sqlite3_column_blob(handle, column), sqlite3_column_bytes(handle, column) == 16 else {
            return nil
        }
        return (
            start.loadUnaligned(as: UInt64.self).bigEndian,
            start.loadUnaligned(fromByteOffset: 8, as: UInt64.self).bigEndian
        )
    }

    func octets(_ column: Int32) -> [UInt8] {
        guard let start = sqlite3_column_blob(handle, column) else { return [] }
        return Array(UnsafeRawBufferPointer(start: start, count: Int(sqlite3_column_bytes(handle, column))))
    }
}

/// The pages that the write-ahead log held after the last commit of its connection. Written by that connection's
/// commits alone, on the thread that owns it.
final class LogLength {
    fileprivate(set) var pages = 0
}

private func noteLogLength(
    _ log: UnsafeMutableRawPointer?,
    _: OpaquePointer?,
    _: UnsafePointer<CChar>?,
    pages: Int32,
) -> Int32 {
    guard let log else { return SQLITE_OK }
    Unmanaged<LogLength>.fromOpaque(log).takeUnretainedValue().pages = Int(pages)
    return SQLITE_OK
}

private let memoryStatisticsAreOff = csqlite_disable_memory_statistics() == SQLITE_OK

extension StoreError {
    fileprivate init(sqlite code: Int32, of connection: OpaquePointer?) {
        let kind: Kind =
            switch code & 0xFF {
            case SQLITE_FULL: .diskFull
            case SQLITE_READONLY: .readOnly
            case SQLITE_PERM, SQLITE_AUTH: .readOnly
            case SQLITE_BUSY, SQLITE_LOCKED, SQLITE_PROTOCOL: .busy
            case SQLITE_CORRUPT, SQLITE_NOTADB, SQLITE_FORMAT: .corrupt
            case SQLITE_IOERR: .init(inputOutput: connection)
            case SQLITE_CANTOPEN: .cannotOpen
            case SQLITE_NOMEM: .outOfMemory
            case SQLITE_TOOBIG: .tooLong
            default: .unexpected
            }
        let words = connection.flatMap(sqlite3_errmsg).map { String(cString: $0) }
        self.init(kind, code: code, detail: words ?? String(cString: sqlite3_errstr(code)))
    }
}

extension StoreError.Kind {
    /// What the operating system says decides: a full disk or quota met while syncing or extending the shared memory
    /// of the log is `SQLITE_IOERR` to SQLite.
    fileprivate init(inputOutput connection: OpaquePointer?) {
        switch connection.map(sqlite3_system_errno) ?? 0 {
        case ENOSPC, EDQUOT: self = .diskFull
        case EROFS: self = .readOnly
        default: self = .inputOutput
        }
    }
}
