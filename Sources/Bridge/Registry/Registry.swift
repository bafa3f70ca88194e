// SPDX-License-Identifier: Apache-2.0
internal import LoRaWAN
internal import PayloadCodec
internal import Store
internal import Synchronization

/// The applications and devices in memory, by the names that requests use and by DevEUI.
final class Registry: Sendable {
    private struct Tables {
        var applications: [String: ApplicationEntry] = [:]
        var devices: [EUI64: DeviceEntry] = [:]
        var names: [DeviceRecord.Key: EUI64] = [:]
    }

    private let tables = Mutex(Tables())

    /// Where formatters that devices name are found.
    private let formatters: FormatterRepository?

    init(formatters: FormatterRepository? = nil) {
        self.formatters = formatters
    }

    /// Adds or replaces an application's formatter settings.
    @discardableResult
    func put(_ record: ApplicationRecord) -> ApplicationEntry {
        tables.withLock { tables in
            if let known = tables.applications[record.id] {
                known.update(record)
                return known
            }
            let entry = ApplicationEntry(record, formatters: formatters)
            tables.applications[record.id] = entry
            return entry
        }
    }

    /// Adds or replaces a device.
    func put(_ entry: DeviceEntry) {
        tables.withLock { tables in
            tables.devices[entry.devEUI] = entry
            tables.names[entry.record.key] = entry.devEUI
        }
    }

    func application(_ id: String) -> ApplicationEntry? {
        tables.withLock { $0.applications[id] }
    }

    func device(_ devEUI: EUI64) -> DeviceEntry? {
        tables.withLock { $0.devices[devEUI] }
    }

    func device(_ applicationID: String, _ deviceID: String) -> DeviceEntry? {
        tables.withLock { tables in
            tables.names[DeviceRecord.Key(applicationID: applicationID, deviceID: deviceID)]
                .flatMap { tables.devices[$0] }
        }
    }

    /// All devices, in no order.
    var devices: [DeviceEntry] { tables.withLock { Array($0.devices.values) } }

    var deviceCount: Int { tables.withLock { $0.devices.count } }
}
