// SPDX-License-Identifier: Apache-2.0
import LoRaWAN

/// Changes of what belongs to multicast addresses: counters, queues and what the RANs were told.
final class SQLiteGroupWriter {
    private let putState: SQLiteStatement
    private let putDownlink: SQLiteStatement
    private let deleteDownlink: SQLiteStatement
    private let putMirror: SQLiteStatement
    private let deleteMirror: SQLiteStatement

    init(_ connection: SQLiteConnection) throws(StoreError) {
        putState = try connection.prepare("INSERT OR REPLACE INTO group_states (address, state) VALUES (?, ?)")
        putDownlink = try connection.prepare(
            "INSERT OR REPLACE INTO group_downlinks (address, id, position, payload) VALUES (?, ?, ?, ?)"
        )
        deleteDownlink = try connection.prepare("DELETE FROM group_downlinks WHERE address = ? AND id = ?")
        putMirror = try connection.prepare(
            "INSERT OR REPLACE INTO group_mirrors (coverage, address, application_id, group_id) VALUES (?, ?, ?, ?)"
        )
        deleteMirror = try connection.prepare("DELETE FROM group_mirrors WHERE coverage = ? AND address = ?")
    }

    func apply(_ mutation: StoreMutation) throws(StoreError) {
        switch mutation {
        case .putGroupState(let address, let state):
            putState.bind(1, Int64(address.rawValue))
            try putState.run(lending: state, at: 2)
        case .putGroupDownlink(let entry):
            putDownlink.bind(1, Int64(entry.address.rawValue))
            putDownlink.bind(2, Int64(bitPattern: entry.id))
            putDownlink.bind(3, entry.position)
            try putDownlink.run(lending: entry.payload, at: 4)
        case .deleteGroupDownlink(let address, let id):
            deleteDownlink.bind(1, Int64(address.rawValue))
            deleteDownlink.bind(2, Int64(bitPattern: id))
            try deleteDownlink.run()
        case .putGroupMirror(let mirror):
            try putMirror.bind(1, mirror.coverage)
            putMirror.bind(2, Int64(mirror.address.rawValue))
            try putMirror.bind(3, mirror.applicationID)
            try putMirror.bind(4, mirror.groupID)
            try putMirror.run()
        case .deleteGroupMirror(let coverage, let address):
            try deleteMirror.bind(1, coverage)
            deleteMirror.bind(2, Int64(address.rawValue))
            try deleteMirror.run()
        default: preconditionFailure("this change belongs to no multicast address")
        }
    }
}
