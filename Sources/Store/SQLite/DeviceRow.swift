// SPDX-License-Identifier: Apache-2.0
import JSON
import LoRaWAN

/// A device as a row of the table `devices`.
enum DeviceRow {
    /// In the order of `DeviceRowReader`; parameters of `put` have the same order, from 1.
    static let columns = [
        "dev_eui", "application_id", "device_id", "join_eui", "app_key", "nwk_key", "dev_addr", "f_nwk_s_int_key",
        "s_nwk_s_int_key", "nwk_s_enc_key", "app_s_key", "lorawan_version", "device_class", "region", "coverage",
        "payload_format", "codec", "description", "latitude", "longitude", "altitude", "attributes", "switches",
        "f_cnt_up", "f_cnt_down", "created_at", "updated_at",
    ]

    static let selection = columns.map { "devices.\($0)" }.joined(separator: ", ")

    /// Inserts a device or replaces the one with the same application and device id.
    static let put = """
        INSERT INTO devices (\(columns.joined(separator: ", ")))
        VALUES (\(columns.map { _ in "?" }.joined(separator: ", ")))
        ON CONFLICT (application_id, device_id) DO UPDATE
        SET \(columns.map { "\($0) = excluded.\($0)" }.joined(separator: ", "))
        """

    enum Switch {
        static let checksFrameCounter: Int64 = 1
        static let uses32BitCounter: Int64 = 2
        static let allowsCounterReset: Int64 = 4
        static let adrEnabled: Int64 = 8
    }

    static func bind(_ device: DeviceRecord, to row: SQLiteStatement) throws(StoreError) {
        row.bind(1, device.devEUI.column)
        try row.bind(2, device.applicationID)
        try row.bind(3, device.deviceID)
        if let joinEUI = device.joinEUI { row.bind(4, joinEUI.column) } else { row.bindNull(4) }
        try bind(device.activation, to: row)
        try row.bind(12, device.lorawanVersion.rawValue)
        try row.bind(13, device.deviceClass.rawValue)
        try row.bind(14, optional: device.region)
        try row.bind(15, optional: device.coverage)
        try row.bind(16, optional: device.payloadFormat?.rawValue)
        try row.bind(17, optional: device.codec)
        try row.bind(18, device.description)
        row.bind(19, optional: device.latitude)
        row.bind(20, optional: device.longitude)
        row.bind(21, optional: device.altitude)
        try row.bind(22, optional: text(of: device.attributes))
        var switches: Int64 = 0
        if device.checksFrameCounter { switches |= Switch.checksFrameCounter }
        if device.uses32BitCounter { switches |= Switch.uses32BitCounter }
        if device.allowsCounterReset { switches |= Switch.allowsCounterReset }
        if device.adrEnabled { switches |= Switch.adrEnabled }
        row.bind(23, switches)
        row.bind(24, Int64(device.initialFCntUp))
        row.bind(25, Int64(device.initialFCntDown))
        row.bind(26, device.createdAt.nanoseconds)
        row.bind(27, device.updatedAt.nanoseconds)
    }

    private static func bind(_ activation: ActivationRecord, to row: SQLiteStatement) throws(StoreError) {
        switch activation {
        case .otaa(let appKey, let nwkKey):
            try row.bind(5, appKey.octets)
            try row.bind(6, optional: nwkKey?.octets)
            for column: Int32 in 7...11 { row.bindNull(column) }
        case .abp(let devAddr, let keys):
            row.bindNull(5)
            row.bindNull(6)
            row.bind(7, Int64(devAddr.rawValue))
            try row.bind(8, keys.fNwkSIntKey.octets)
            try row.bind(9, keys.sNwkSIntKey.octets)
            try row.bind(10, keys.nwkSEncKey.octets)
            try row.bind(11, keys.appSKey.octets)
        }
    }

    static func readActivation(_ row: SQLiteStatement) throws(StoreError) -> ActivationRecord {
        guard row.isNull(6) else {
            let keys = SessionKeys(
                fNwkSIntKey: try row.key(7),
                sNwkSIntKey: try row.key(8),
                nwkSEncKey: try row.key(9),
                appSKey: try row.key(10),
            )
            return .abp(devAddr: DevAddr(rawValue: UInt32(truncatingIfNeeded: row.integer(6))), keys: keys)
        }
        return .otaa(appKey: try row.key(4), nwkKey: row.isNull(5) ? nil : try row.key(5))
    }

    private static func text(of attributes: [String: String]) -> String? {
        guard !attributes.isEmpty else { return nil }
        var writer = JSONWriter()
        writer.object { writer in
            for (name, value) in attributes.sorted(by: { $0.key < $1.key }) {
                writer.name(name)
                writer.string(value)
            }
        }
        return String(decoding: writer.bytes, as: UTF8.self)
    }

    static func attributes(from text: String) throws(StoreError) -> [String: String] {
        let value: JSONValue
        do {
            value = try JSONValue(parsing: text)
        } catch {
            throw StoreError(.unreadable, detail: "attributes: \(error)")
        }
        var attributes: [String: String] = [:]
        for (name, value) in value.object?.members ?? [] { attributes[name] = value.text }
        return attributes
    }
}

extension EUI64 {
    /// The identifier's bits as SQLite's signed number.
    var column: Int64 { Int64(bitPattern: rawValue) }

    init(column: Int64) {
        self.init(rawValue: UInt64(bitPattern: column))
    }
}

extension ApplicationRecord.PayloadFormat {
    init(column: String) throws(StoreError) {
        guard let format = Self(rawValue: column) else {
            throw StoreError(.unreadable, detail: "the payload format \(column)")
        }
        self = format
    }
}

extension LoRaWANVersion {
    init(column: String) throws(StoreError) {
        guard let version = Self(rawValue: column) else {
            throw StoreError(.unreadable, detail: "the LoRaWAN version \(column)")
        }
        self = version
    }
}

extension DeviceClass {
    init(column: String) throws(StoreError) {
        guard let deviceClass = Self(rawValue: column) else {
            throw StoreError(.unreadable, detail: "the device class \(column)")
        }
        self = deviceClass
    }
}

extension SQLiteStatement {
    func bind(_ index: Int32, optional text: String?) throws(StoreError) {
        if let text { try bind(index, text) } else { bindNull(index) }
    }

    func bind(_ index: Int32, optional octets: [UInt8]?) throws(StoreError) {
        if let octets { try bind(index, octets) } else { bindNull(index) }
    }

    func bind(_ index: Int32, optional value: Double?) {
        if let value { bind(index, value) } else { bindNull(index) }
    }

    func optionalText(_ column: Int32) -> String? { isNull(column) ? nil : text(column) }

    func optionalDouble(_ column: Int32) -> Double? { isNull(column) ? nil : double(column) }

    func key(_ column: Int32) throws(StoreError) -> AES128Key {
        guard let (high, low) = block(column) else {
            throw StoreError(.unreadable, detail: "a key that is not 16 octets")
        }
        return AES128Key(storedAs: AESBlock(high: high, low: low))
    }
}
