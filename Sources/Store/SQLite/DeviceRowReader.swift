// SPDX-License-Identifier: Apache-2.0
import LoRaWAN

/// Reads rows of the table `devices`, many of which say the same of many things.
struct DeviceRowReader {
    private var applicationID = RepeatedText<String>()
    private var version = RepeatedText<LoRaWANVersion>()
    private var deviceClass = RepeatedText<DeviceClass>()
    private var region = RepeatedText<String>()
    private var coverage = RepeatedText<String>()
    private var codec = RepeatedText<String>()

    /// - Parameter row: with the columns of `DeviceRow.columns` first.
    mutating func read(_ row: SQLiteStatement) throws(StoreError) -> DeviceRecord {
        let switches = row.integer(22)
        let format = row.isNull(15) ? nil : try ApplicationRecord.PayloadFormat(column: row.text(15))
        return DeviceRecord(
            applicationID: try applicationID.text(row, 1),
            deviceID: row.text(2),
            devEUI: EUI64(column: row.integer(0)),
            joinEUI: row.isNull(3) ? nil : EUI64(column: row.integer(3)),
            activation: try DeviceRow.readActivation(row),
            lorawanVersion: try version.value(row, 11, LoRaWANVersion.init(column:)),
            deviceClass: try deviceClass.value(row, 12, DeviceClass.init(column:)),
            region: try region.optionalText(row, 13),
            coverage: try coverage.optionalText(row, 14),
            payloadFormat: format,
            codec: try codec.optionalText(row, 16),
            description: row.text(17),
            latitude: row.optionalDouble(18),
            longitude: row.optionalDouble(19),
            altitude: row.optionalDouble(20),
            attributes: row.isNull(21) ? [:] : try DeviceRow.attributes(from: row.text(21)),
            checksFrameCounter: switches & DeviceRow.Switch.checksFrameCounter != 0,
            uses32BitCounter: switches & DeviceRow.Switch.uses32BitCounter != 0,
            allowsCounterReset: switches & DeviceRow.Switch.allowsCounterReset != 0,
            adrEnabled: switches & DeviceRow.Switch.adrEnabled != 0,
            initialFCntUp: UInt32(truncatingIfNeeded: row.integer(23)),
            initialFCntDown: UInt32(truncatingIfNeeded: row.integer(24)),
            createdAt: UnixTime(nanoseconds: row.integer(25)),
            updatedAt: UnixTime(nanoseconds: row.integer(26)),
        )
    }
}
