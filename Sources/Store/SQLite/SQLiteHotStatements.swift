// SPDX-License-Identifier: Apache-2.0

/// The prepared statements of the transaction and of what every frame and message touches.
final class SQLiteHotStatements {
    let begin: SQLiteStatement
    let commit: SQLiteStatement
    let rollback: SQLiteStatement
    let putJoinState: SQLiteStatement
    let deleteJoinState: SQLiteStatement
    let putOutbox: SQLiteStatement
    let updateOutbox: SQLiteStatement
    let sizeOfOutbox: SQLiteStatement
    let deleteOutbox: SQLiteStatement
    let putDownlink: SQLiteStatement
    let deleteDownlink: SQLiteStatement
    let deleteDownlinks: SQLiteStatement

    init(_ connection: SQLiteConnection) throws(StoreError) {
        // A deferred transaction that turns to writing fails at once when another wrote meanwhile, whatever the time-out.
        begin = try connection.prepare("BEGIN IMMEDIATE")
        commit = try connection.prepare("COMMIT")
        rollback = try connection.prepare("ROLLBACK")
        putJoinState = try connection.prepare("INSERT OR REPLACE INTO join_states (dev_eui, state) VALUES (?, ?)")
        deleteJoinState = try connection.prepare("DELETE FROM join_states WHERE dev_eui = ?")
        putOutbox = try connection.prepare(
            "INSERT OR IGNORE INTO outbox (id, dev_eui, kind, payload) VALUES (?, ?, ?, ?)"
        )
        updateOutbox = try connection.prepare("UPDATE outbox SET payload = ?2 WHERE id = ?1")
        sizeOfOutbox = try connection.prepare(
            "SELECT count(*), total(length(payload)) FROM outbox WHERE id BETWEEN ? AND ?"
        )
        deleteOutbox = try connection.prepare("DELETE FROM outbox WHERE id BETWEEN ? AND ?")
        putDownlink = try connection.prepare(
            "INSERT OR REPLACE INTO downlinks (dev_eui, id, position, payload) VALUES (?, ?, ?, ?)"
        )
        deleteDownlink = try connection.prepare("DELETE FROM downlinks WHERE dev_eui = ? AND id = ?")
        deleteDownlinks = try connection.prepare("DELETE FROM downlinks WHERE dev_eui = ?")
    }
}
