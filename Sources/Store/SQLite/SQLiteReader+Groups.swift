// SPDX-License-Identifier: Apache-2.0
import LoRaWAN

/// Multicast groups and what belongs to their addresses.
extension SQLiteReader {
    func multicastGroups() throws(StoreError) -> [MulticastGroupRecord] {
        let statement = try connection.prepare(
            "SELECT application_id, group_id, address, state FROM multicast_groups ORDER BY application_id, group_id"
        )
        return try statement.rows { row throws(StoreError) in
            MulticastGroupRecord(
                applicationID: row.text(0),
                groupID: row.text(1),
                address: DevAddr(rawValue: UInt32(truncatingIfNeeded: row.integer(2))),
                state: row.octets(3),
            )
        }
    }

    func groupState(_ address: DevAddr) throws(StoreError) -> [UInt8]? {
        let statement = try connection.prepare("SELECT state FROM group_states WHERE address = ?")
        statement.bind(1, Int64(address.rawValue))
        return try statement.rows { row throws(StoreError) in row.octets(0) }.first
    }

    func groupDownlinks(_ address: DevAddr) throws(StoreError) -> [GroupDownlinkEntry] {
        let statement = try connection.prepare(
            "SELECT id, position, payload FROM group_downlinks WHERE address = ? ORDER BY position, id"
        )
        statement.bind(1, Int64(address.rawValue))
        return try statement.rows { row throws(StoreError) in
            GroupDownlinkEntry(
                address: address,
                id: UInt64(bitPattern: row.integer(0)),
                position: row.integer(1),
                payload: row.octets(2),
            )
        }
    }

    func groupMirrors(of coverage: String) throws(StoreError) -> [GroupMirrorRecord] {
        let statement = try connection.prepare(
            "SELECT address, application_id, group_id FROM group_mirrors WHERE coverage = ? ORDER BY address"
        )
        try statement.bind(1, coverage)
        return try statement.rows { row throws(StoreError) in
            GroupMirrorRecord(
                coverage: coverage,
                address: DevAddr(rawValue: UInt32(truncatingIfNeeded: row.integer(0))),
                applicationID: row.text(1),
                groupID: row.text(2),
            )
        }
    }
}
