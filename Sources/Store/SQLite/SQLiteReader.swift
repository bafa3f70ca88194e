// SPDX-License-Identifier: Apache-2.0
import LoRaWAN

/// A connection that only reads, with its statements.
final class SQLiteReader {
    let connection: SQLiteConnection
    private var deviceRows = DeviceRowReader()
    private let deviceByID: SQLiteStatement
    private let deviceByDevEUI: SQLiteStatement
    private let devicePage: SQLiteStatement
    private let devicePageOfApplication: SQLiteStatement
    private let storedDevicePage: SQLiteStatement
    private let sessionPage: SQLiteStatement
    private let loggedSession: SQLiteStatement
    private let joinState: SQLiteStatement
    private let downlinks: SQLiteStatement
    private let downlinkPage: SQLiteStatement
    private let outboxPage: SQLiteStatement
    private let routePage: SQLiteStatement

    init(path: String, options: SQLiteStore.Options) throws(StoreError) {
        connection = try SQLiteConnection(path: path, access: .readOnly, busyTimeout: options.busyTimeoutMilliseconds)
        try connection.execute(
            "PRAGMA mmap_size = 0; PRAGMA cache_size = -\(options.cacheBytes / 1024); PRAGMA trusted_schema = OFF"
        )
        let device = "SELECT \(DeviceRow.selection) FROM devices"
        deviceByID = try connection.prepare("\(device) WHERE application_id = ? AND device_id = ?")
        deviceByDevEUI = try connection.prepare("\(device) WHERE dev_eui = ?")
        devicePage = try connection.prepare(
            """
            \(device) WHERE (application_id, device_id) > (?, ?) ORDER BY application_id, device_id LIMIT ?
            """
        )
        devicePageOfApplication = try connection.prepare(
            "\(device) WHERE application_id = ? AND device_id > ? ORDER BY device_id LIMIT ?"
        )
        storedDevicePage = try connection.prepare(
            """
            SELECT \(DeviceRow.selection), sessions.state, join_states.state FROM devices
            LEFT JOIN sessions ON sessions.dev_eui = devices.dev_eui
            LEFT JOIN join_states ON join_states.dev_eui = devices.dev_eui
            WHERE devices.dev_eui BETWEEN ? AND ? ORDER BY devices.dev_eui LIMIT ?
            """
        )
        sessionPage = try connection.prepare(
            "SELECT dev_eui, state FROM sessions WHERE dev_eui >= ? ORDER BY dev_eui LIMIT ?"
        )
        loggedSession = try connection.prepare("SELECT state FROM session_log WHERE id = ?")
        joinState = try connection.prepare("SELECT state FROM join_states WHERE dev_eui = ?")
        downlinks = try connection.prepare(
            "SELECT dev_eui, id, position, payload FROM downlinks WHERE dev_eui = ? ORDER BY position, id"
        )
        downlinkPage = try connection.prepare(
            "SELECT DISTINCT dev_eui FROM downlinks WHERE dev_eui >= ? ORDER BY dev_eui LIMIT ?"
        )
        outboxPage = try connection.prepare(
            "SELECT id, dev_eui, kind, payload FROM outbox WHERE id > ? ORDER BY id LIMIT ?"
        )
        routePage = try connection.prepare(
            "SELECT dev_eui, state FROM routes WHERE coverage = ? AND dev_eui >= ? ORDER BY dev_eui LIMIT ?"
        )
    }

    // MARK: Registry

    func applications(_ id: String?) throws(StoreError) -> [ApplicationRecord] {
        let statement = try connection.prepare(
            """
            SELECT id, payload_format, decoder, converter, validator, encoder, register_on_join_access_key
            FROM applications WHERE ?1 IS NULL OR id = ?1 ORDER BY id
            """
        )
        try statement.bind(1, optional: id)
        return try statement.rows { row throws(StoreError) in
            ApplicationRecord(
                id: row.text(0),
                payloadFormat: try ApplicationRecord.PayloadFormat(column: row.text(1)),
                decoder: row.text(2),
                converter: row.text(3),
                validator: row.text(4),
                encoder: row.text(5),
                registerOnJoinAccessKey: row.text(6),
            )
        }
    }

    func device(_ key: DeviceRecord.Key) throws(StoreError) -> DeviceRecord? {
        try deviceByID.bind(1, key.applicationID)
        try deviceByID.bind(2, key.deviceID)
        return try deviceByID.rows(readDevice).first
    }

    func device(_ devEUI: EUI64) throws(StoreError) -> DeviceRecord? {
        deviceByDevEUI.bind(1, devEUI.column)
        return try deviceByDevEUI.rows(readDevice).first
    }

    func devices(after key: DeviceRecord.Key, limit: Int) throws(StoreError) -> [DeviceRecord] {
        try devicePage.bind(1, key.applicationID)
        try devicePage.bind(2, key.deviceID)
        devicePage.bind(3, Int64(limit))
        return try devicePage.rows(readDevice)
    }

    func devices(of applicationID: String, after id: String, limit: Int) throws(StoreError) -> [DeviceRecord] {
        try devicePageOfApplication.bind(1, applicationID)
        try devicePageOfApplication.bind(2, id)
        devicePageOfApplication.bind(3, Int64(limit))
        return try devicePageOfApplication.rows(readDevice)
    }

    func deviceCount() throws(StoreError) -> Int {
        Int(try connection.integer("SELECT count(*) FROM devices"))
    }

    // MARK: States, in ascending order of the column

    /// The first devices of a range, all as of one moment; `last` is the last of them, nil when there is none.
    ///
    /// - Parameter logged: rows of the session log that count for more than the table, by device.
    func storedDevices(
        _ range: ClosedRange<Int64>,
        limit: Int,
        logged: [Int64: Int64],
    ) throws(StoreError) -> (page: StoredDevicePage, count: Int, last: Int64?) {
        try connection.execute("BEGIN")
        // What only reads has nothing to lose: when its end fails, the connection goes with it.
        defer { do throws(StoreError) { try connection.execute("COMMIT") } catch {} }
        storedDevicePage.bind(1, range.lowerBound)
        storedDevicePage.bind(2, range.upperBound)
        storedDevicePage.bind(3, Int64(limit))
        defer { storedDevicePage.reset() }
        var page = StoredDevicePage()
        page.devices.reserveCapacity(limit)
        var (count, last) = (0, Int64?.none)
        while try storedDevicePage.step() {
            let devEUI = storedDevicePage.integer(0)
            (count, last) = (count + 1, devEUI)
            do throws(StoreError) {
                var device = try storedDevice(storedDevicePage)
                // One that is gone from the log has moved to the table.
                if !logged.isEmpty, let row = logged[devEUI], let state = try loggedState(row) {
                    device.session = state
                }
                page.devices.append(device)
            } catch {
                page.unreadable.append((EUI64(column: devEUI), error))
            }
        }
        return (page, count, last)
    }

    /// The state in a row of the session log, nil inside for a session that is gone; nil when the log has no such row.
    private func loggedState(_ row: Int64) throws(StoreError) -> [UInt8]?? {
        loggedSession.bind(1, row)
        defer { loggedSession.reset() }
        guard try loggedSession.step() else { return nil }
        return .some(loggedSession.isNull(0) ? nil : loggedSession.octets(0))
    }

    private func storedDevice(_ row: SQLiteStatement) throws(StoreError) -> StoredDevice {
        let session = Int32(DeviceRow.columns.count)
        return StoredDevice(
            record: try deviceRows.read(row),
            session: row.isNull(session) ? nil : row.octets(session),
            joinState: row.isNull(session + 1) ? nil : row.octets(session + 1),
        )
    }

    private func readDevice(_ row: SQLiteStatement) throws(StoreError) -> DeviceRecord {
        try deviceRows.read(row)
    }

    /// The DevEUIs at which to cut the devices into parts of equal size.
    func deviceCuts(_ parts: Int) throws(StoreError) -> [Int64] {
        let size = try deviceCount() / parts
        guard size > 0 else { return [] }
        let statement = try connection.prepare(
            "SELECT dev_eui FROM devices WHERE dev_eui >= ? ORDER BY dev_eui LIMIT 1 OFFSET ?"
        )
        var cuts: [Int64] = []
        for _ in 1..<parts {
            statement.bind(1, cuts.last ?? .min)
            statement.bind(2, Int64(size))
            cuts += try statement.rows { row throws(StoreError) in row.integer(0) }
        }
        return cuts
    }

    func sessions(from first: Int64, limit: Int) throws(StoreError) -> [(devEUI: EUI64, state: [UInt8])] {
        sessionPage.bind(1, first)
        sessionPage.bind(2, Int64(limit))
        return try sessionPage.rows { row throws(StoreError) in (EUI64(column: row.integer(0)), row.octets(1)) }
    }

    func joinState(_ devEUI: EUI64) throws(StoreError) -> [UInt8]? {
        joinState.bind(1, devEUI.column)
        return try joinState.rows { row throws(StoreError) in row.octets(0) }.first
    }

    // MARK: Queues

    func downlinks(_ devEUI: EUI64) throws(StoreError) -> [DownlinkEntry] {
        downlinks.bind(1, devEUI.column)
        return try downlinks.rows { row throws(StoreError) in
            DownlinkEntry(
                devEUI: EUI64(column: row.integer(0)),
                id: UInt64(bitPattern: row.integer(1)),
                position: row.integer(2),
                payload: row.octets(3),
            )
        }
    }

    func devicesWithDownlinks(from first: Int64, limit: Int) throws(StoreError) -> [EUI64] {
        downlinkPage.bind(1, first)
        downlinkPage.bind(2, Int64(limit))
        return try downlinkPage.rows { row throws(StoreError) in EUI64(column: row.integer(0)) }
    }

    func outbox(after id: Int64, limit: Int) throws(StoreError) -> [OutboxEntry] {
        outboxPage.bind(1, id)
        outboxPage.bind(2, Int64(limit))
        return try outboxPage.rows(Self.outboxEntry)
    }

    func outboxEntries(_ ids: [Int64]) throws(StoreError) -> [OutboxEntry] {
        let statement = try connection.prepare("SELECT id, dev_eui, kind, payload FROM outbox WHERE id = ?")
        var entries: [OutboxEntry] = []
        entries.reserveCapacity(ids.count)
        for id in ids.sorted() {
            statement.bind(1, id)
            entries += try statement.rows(Self.outboxEntry)
        }
        return entries
    }

    private static func outboxEntry(_ row: SQLiteStatement) -> OutboxEntry {
        OutboxEntry(
            id: row.integer(0),
            devEUI: EUI64(column: row.integer(1)),
            kind: UInt8(truncatingIfNeeded: row.integer(2)),
            payload: row.octets(3),
        )
    }

    /// SQLite tells a payload's length without reading it.
    func outboxHeads(after id: Int64, limit: Int) throws(StoreError) -> [OutboxHead] {
        let statement = try connection.prepare(
            "SELECT id, dev_eui, length(payload) FROM outbox WHERE id > ? ORDER BY id LIMIT ?"
        )
        statement.bind(1, id)
        statement.bind(2, Int64(limit))
        return try statement.rows { row throws(StoreError) in
            OutboxHead(id: row.integer(0), devEUI: EUI64(column: row.integer(1)), bytes: Int(row.integer(2)))
        }
    }

    func lastOutboxID() throws(StoreError) -> Int64 {
        try connection.integer("SELECT max(id) FROM outbox")
    }

    // MARK: Management

    func accessKeys(of applicationID: String) throws(StoreError) -> [AccessKeyRecord] {
        let statement = try connection.prepare(
            "SELECT name, rights, digest FROM access_keys WHERE application_id = ? ORDER BY name"
        )
        try statement.bind(1, applicationID)
        return try statement.rows { row throws(StoreError) in
            AccessKeyRecord(
                applicationID: applicationID,
                name: row.text(0),
                rights: row.text(1).split(separator: " ").map(String.init),
                digest: row.octets(2),
            )
        }
    }

    func routes(of coverage: String, from first: Int64, limit: Int) throws(StoreError) -> [RouteRecord] {
        try routePage.bind(1, coverage)
        routePage.bind(2, first)
        routePage.bind(3, Int64(limit))
        return try routePage.rows { row throws(StoreError) in
            RouteRecord(coverage: coverage, devEUI: EUI64(column: row.integer(0)), state: row.octets(1))
        }
    }

    func answer(scope: String, requestID: String) throws(StoreError) -> AnswerRecord? {
        let statement = try connection.prepare(
            "SELECT answered_at, payload FROM answers WHERE scope = ? AND request_id = ?"
        )
        try statement.bind(1, scope)
        try statement.bind(2, requestID)
        return try statement.rows { row throws(StoreError) in
            AnswerRecord(
                scope: scope,
                requestID: requestID,
                answeredAt: UnixTime(nanoseconds: row.integer(0)),
                payload: row.octets(1),
            )
        }.first
    }

    func setting(_ name: String) throws(StoreError) -> [UInt8]? {
        let statement = try connection.prepare("SELECT value FROM settings WHERE name = ?")
        try statement.bind(1, name)
        return try statement.rows { row throws(StoreError) in row.octets(0) }.first
    }
}

extension SQLiteStatement {
    /// All rows, read; the statement is free again afterwards.
    func rows<Row>(_ read: (SQLiteStatement) throws(StoreError) -> Row) throws(StoreError) -> [Row] {
        defer { reset() }
        var rows: [Row] = []
        while try step() { rows.append(try read(self)) }
        return rows
    }
}
