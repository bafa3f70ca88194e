// SPDX-License-Identifier: Apache-2.0
import LoRaWAN

/// Changes of the registry and of what management keeps: rarer than frames, and checked against each other.
final class SQLiteRegistryWriter {
    // Kept prepared for imports; the rest is prepared when it is needed.
    private let hasApplication: SQLiteStatement
    private let ownerOfDevEUI: SQLiteStatement
    private let devEUIOfDevice: SQLiteStatement
    private let putDevice: SQLiteStatement
    private let deleteDevice: SQLiteStatement
    private let putRoute: SQLiteStatement
    private let deleteRoute: SQLiteStatement

    init(_ connection: SQLiteConnection) throws(StoreError) {
        hasApplication = try connection.prepare("SELECT 1 FROM applications WHERE id = ?")
        ownerOfDevEUI = try connection.prepare("SELECT application_id, device_id FROM devices WHERE dev_eui = ?")
        devEUIOfDevice = try connection.prepare(
            "SELECT dev_eui FROM devices WHERE application_id = ? AND device_id = ?"
        )
        putDevice = try connection.prepare(DeviceRow.put)
        deleteDevice = try connection.prepare("DELETE FROM devices WHERE application_id = ? AND device_id = ?")
        putRoute = try connection.prepare("INSERT OR REPLACE INTO routes (coverage, dev_eui, state) VALUES (?, ?, ?)")
        deleteRoute = try connection.prepare("DELETE FROM routes WHERE coverage = ? AND dev_eui = ?")
    }

    func put(_ application: ApplicationRecord, on connection: SQLiteConnection) throws(StoreError) {
        let statement = try connection.prepare(
            """
            INSERT OR REPLACE INTO applications
            (id, payload_format, decoder, converter, validator, encoder, register_on_join_access_key)
            VALUES (?, ?, ?, ?, ?, ?, ?)
            """
        )
        try statement.bind(1, application.id)
        try statement.bind(2, application.payloadFormat.rawValue)
        try statement.bind(3, application.decoder)
        try statement.bind(4, application.converter)
        try statement.bind(5, application.validator)
        try statement.bind(6, application.encoder)
        try statement.bind(7, application.registerOnJoinAccessKey)
        try statement.run()
    }

    func deleteApplication(
        _ id: String,
        on connection: SQLiteConnection,
        _ sessions: SQLiteSessionLog,
    ) throws(StoreError) {
        let members = try connection.prepare("SELECT dev_eui FROM devices WHERE application_id = ?")
        try members.bind(1, id)
        for device in try members.rows({ row in row.integer(0) }) { try sessions.delete(device) }
        let devices = "(SELECT dev_eui FROM devices WHERE application_id = ?)"
        for sql in [
            "DELETE FROM downlinks WHERE dev_eui IN \(devices)",
            "DELETE FROM devices WHERE application_id = ?",
            "DELETE FROM multicast_groups WHERE application_id = ?",
            "DELETE FROM access_keys WHERE application_id = ?",
            "DELETE FROM applications WHERE id = ?",
        ] {
            let statement = try connection.prepare(sql)
            try statement.bind(1, id)
            try statement.run()
        }
    }

    func put(
        _ device: DeviceRecord,
        _ hot: SQLiteHotStatements,
        _ sessions: SQLiteSessionLog,
    ) throws(StoreError) {
        try requireApplication(device.applicationID)
        if let owner = try owner(of: device.devEUI) {
            guard owner == device.key else { throw StoreError(.devEUITaken(device.devEUI, by: owner)) }
        } else if let former = try devEUI(of: device.key) {
            try sessions.delete(former.column)
            try hot.deleteDownlinks.run(with: former.column)
        }
        try DeviceRow.bind(device, to: putDevice)
        try putDevice.run()
    }

    func delete(
        _ key: DeviceRecord.Key,
        _ hot: SQLiteHotStatements,
        _ sessions: SQLiteSessionLog,
    ) throws(StoreError) {
        guard let devEUI = try devEUI(of: key) else { return }
        try sessions.delete(devEUI.column)
        try hot.deleteDownlinks.run(with: devEUI.column)
        try deleteDevice.bind(1, key.applicationID)
        try deleteDevice.bind(2, key.deviceID)
        try deleteDevice.run()
    }

    func put(_ key: AccessKeyRecord, on connection: SQLiteConnection) throws(StoreError) {
        try requireApplication(key.applicationID)
        let statement = try connection.prepare(
            "INSERT OR REPLACE INTO access_keys (application_id, name, rights, digest) VALUES (?, ?, ?, ?)"
        )
        try statement.bind(1, key.applicationID)
        try statement.bind(2, key.name)
        try statement.bind(3, key.rights.joined(separator: " "))
        try statement.bind(4, key.digest)
        try statement.run()
    }

    func put(_ group: MulticastGroupRecord, on connection: SQLiteConnection) throws(StoreError) {
        try requireApplication(group.applicationID)
        let taken = try connection.prepare(
            "SELECT 1 FROM multicast_groups WHERE address = ? AND NOT (application_id = ? AND group_id = ?)"
        )
        taken.bind(1, Int64(group.address.rawValue))
        try taken.bind(2, group.applicationID)
        try taken.bind(3, group.groupID)
        guard try !taken.step() else { throw StoreError(.addressTaken(group.address)) }
        let statement = try connection.prepare(
            "INSERT OR REPLACE INTO multicast_groups (application_id, group_id, address, state) VALUES (?, ?, ?, ?)"
        )
        try statement.bind(1, group.applicationID)
        try statement.bind(2, group.groupID)
        statement.bind(3, Int64(group.address.rawValue))
        try statement.bind(4, group.state)
        try statement.run()
    }

    func put(_ route: RouteRecord) throws(StoreError) {
        try putRoute.bind(1, route.coverage)
        putRoute.bind(2, route.devEUI.column)
        try putRoute.bind(3, route.state)
        try putRoute.run()
    }

    func deleteRoute(_ coverage: String, _ devEUI: EUI64) throws(StoreError) {
        try deleteRoute.bind(1, coverage)
        deleteRoute.bind(2, devEUI.column)
        try deleteRoute.run()
    }

    func put(_ answer: AnswerRecord, on connection: SQLiteConnection) throws(StoreError) {
        let statement = try connection.prepare(
            "INSERT OR REPLACE INTO answers (scope, request_id, answered_at, payload) VALUES (?, ?, ?, ?)"
        )
        try statement.bind(1, answer.scope)
        try statement.bind(2, answer.requestID)
        statement.bind(3, answer.answeredAt.nanoseconds)
        try statement.bind(4, answer.payload)
        try statement.run()
    }

    func putSetting(
        _ name: String,
        _ value: [UInt8],
        on connection: SQLiteConnection,
    ) throws(StoreError) {
        let statement = try connection.prepare("INSERT OR REPLACE INTO settings (name, value) VALUES (?, ?)")
        try statement.bind(1, name)
        try statement.bind(2, value)
        try statement.run()
    }

    private func requireApplication(_ id: String) throws(StoreError) {
        try hasApplication.bind(1, id)
        defer { hasApplication.reset() }
        guard try hasApplication.step() else { throw StoreError(.unknownApplication(id)) }
    }

    private func owner(of devEUI: EUI64) throws(StoreError) -> DeviceRecord.Key? {
        ownerOfDevEUI.bind(1, devEUI.column)
        defer { ownerOfDevEUI.reset() }
        guard try ownerOfDevEUI.step() else { return nil }
        return DeviceRecord.Key(applicationID: ownerOfDevEUI.text(0), deviceID: ownerOfDevEUI.text(1))
    }

    private func devEUI(of key: DeviceRecord.Key) throws(StoreError) -> EUI64? {
        try devEUIOfDevice.bind(1, key.applicationID)
        try devEUIOfDevice.bind(2, key.deviceID)
        defer { devEUIOfDevice.reset() }
        return try devEUIOfDevice.step() ? EUI64(column: devEUIOfDevice.integer(0)) : nil
    }
}
