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

/// What goes while the service runs.
extension Registry {
    /// Takes a device out, unless another registration has taken its place.
    func remove(_ entry: DeviceEntry) {
        tables.withLock { tables in
            guard tables.devices[entry.devEUI] === entry else { return }
            tables.devices[entry.devEUI] = nil
            if tables.names[entry.record.key] == entry.devEUI { tables.names[entry.record.key] = nil }
        }
    }

    /// Takes an application out; its devices are taken out one by one.
    func removeApplication(_ id: String) {
        tables.withLock { $0.applications[id] = nil }
    }

    /// All applications in the order of their ids.
    var applications: [ApplicationEntry] {
        tables.withLock { Array($0.applications.values) }.sorted { $0.id < $1.id }
    }
}
