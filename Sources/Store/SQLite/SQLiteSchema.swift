// SPDX-License-Identifier: Apache-2.0

/// The tables, as steps from an empty file to the schema of this version. A step that shipped never changes.
enum SQLiteSchema {
    /// `PRAGMA application_id`: "RANB".
    static let applicationID: Int64 = 0x5241_4E42

    static var version: Int { steps.count }

    /// DevEUIs are integers with the bits of the identifier, so that a session is found by row number.
    static let steps = [
        """
        CREATE TABLE applications (
            id TEXT PRIMARY KEY NOT NULL,
            payload_format TEXT NOT NULL,
            decoder TEXT NOT NULL,
            converter TEXT NOT NULL,
            validator TEXT NOT NULL,
            encoder TEXT NOT NULL,
            register_on_join_access_key TEXT NOT NULL
        ) WITHOUT ROWID;

        CREATE TABLE devices (
            dev_eui INTEGER PRIMARY KEY,
            application_id TEXT NOT NULL,
            device_id TEXT NOT NULL,
            join_eui INTEGER,
            app_key BLOB,
            nwk_key BLOB,
            dev_addr INTEGER,
            f_nwk_s_int_key BLOB,
            s_nwk_s_int_key BLOB,
            nwk_s_enc_key BLOB,
            app_s_key BLOB,
            lorawan_version TEXT NOT NULL,
            device_class TEXT NOT NULL,
            region TEXT,
            coverage TEXT,
            payload_format TEXT,
            codec TEXT,
            description TEXT NOT NULL,
            latitude REAL,
            longitude REAL,
            altitude REAL,
            attributes TEXT,
            switches INTEGER NOT NULL,
            f_cnt_up INTEGER NOT NULL,
            f_cnt_down INTEGER NOT NULL,
            created_at INTEGER NOT NULL,
            updated_at INTEGER NOT NULL,
            UNIQUE (application_id, device_id),
            CHECK ((app_key IS NULL) <> (dev_addr IS NULL)),
            CHECK ((dev_addr IS NULL) = (app_s_key IS NULL))
        );

        CREATE TABLE sessions (dev_eui INTEGER PRIMARY KEY, state BLOB NOT NULL);
        CREATE TABLE session_log (id INTEGER PRIMARY KEY, dev_eui INTEGER NOT NULL, state BLOB);
        CREATE TABLE join_states (dev_eui INTEGER PRIMARY KEY, state BLOB NOT NULL);

        CREATE TABLE downlinks (
            dev_eui INTEGER NOT NULL,
            id INTEGER NOT NULL,
            position INTEGER NOT NULL,
            payload BLOB NOT NULL,
            PRIMARY KEY (dev_eui, id)
        ) WITHOUT ROWID;

        CREATE TABLE outbox (
            id INTEGER PRIMARY KEY,
            dev_eui INTEGER NOT NULL,
            kind INTEGER NOT NULL,
            payload BLOB NOT NULL
        );

        CREATE TABLE access_keys (
            application_id TEXT NOT NULL,
            name TEXT NOT NULL,
            rights TEXT NOT NULL,
            digest BLOB NOT NULL,
            PRIMARY KEY (application_id, name)
        ) WITHOUT ROWID;

        CREATE TABLE multicast_groups (
            application_id TEXT NOT NULL,
            group_id TEXT NOT NULL,
            address INTEGER NOT NULL UNIQUE,
            state BLOB NOT NULL,
            PRIMARY KEY (application_id, group_id)
        ) WITHOUT ROWID;

        CREATE TABLE routes (
            coverage TEXT NOT NULL,
            dev_eui INTEGER NOT NULL,
            state BLOB NOT NULL,
            PRIMARY KEY (coverage, dev_eui)
        ) WITHOUT ROWID;

        CREATE TABLE answers (
            scope TEXT NOT NULL,
            request_id TEXT NOT NULL,
            answered_at INTEGER NOT NULL,
            payload BLOB NOT NULL,
            PRIMARY KEY (scope, request_id)
        ) WITHOUT ROWID;
        CREATE INDEX answers_by_time ON answers (answered_at);

        CREATE TABLE settings (name TEXT PRIMARY KEY NOT NULL, value BLOB NOT NULL) WITHOUT ROWID;
        """,
        """
        CREATE TABLE group_states (address INTEGER PRIMARY KEY, state BLOB NOT NULL);

        CREATE TABLE group_downlinks (
            address INTEGER NOT NULL,
            id INTEGER NOT NULL,
            position INTEGER NOT NULL,
            payload BLOB NOT NULL,
            PRIMARY KEY (address, id)
        ) WITHOUT ROWID;

        CREATE TABLE group_mirrors (
            coverage TEXT NOT NULL,
            address INTEGER NOT NULL,
            application_id TEXT NOT NULL,
            group_id TEXT NOT NULL,
            PRIMARY KEY (coverage, address)
        ) WITHOUT ROWID;
        """,
    ]

    /// Brings a database to this version's schema; refuses one that is not ours or from the future.
    static func migrate(_ connection: SQLiteConnection) throws(StoreError) {
        let found = Int(try connection.integer("PRAGMA user_version"))
        let owner = try connection.integer("PRAGMA application_id")
        let isEmpty = try connection.integer("SELECT count(*) FROM sqlite_schema") == 0
        guard owner == applicationID || (isEmpty && owner == 0) else { throw StoreError(.foreignDatabase) }
        guard found <= version else { throw StoreError(.newerSchema(found: found, supported: version)) }
        for step in found..<version {
            try connection.execute("BEGIN IMMEDIATE")
            do throws(StoreError) {
                try connection.execute(steps[step])
                try connection.execute("PRAGMA application_id = \(applicationID); PRAGMA user_version = \(step + 1)")
                try connection.execute("COMMIT")
            } catch {
                // The failure is the one to tell; SQLite may have rolled back by itself.
                if connection.isInTransaction { do { try connection.execute("ROLLBACK") } catch {} }
                throw error
            }
        }
    }
}
