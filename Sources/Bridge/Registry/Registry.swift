// SPDX-License-Identifier: Apache-2.0
internal import LoRaWAN
internal import NetworkServer
internal import PayloadCodec
internal import Store
internal import Synchronization

/// The applications and devices in memory, by the names that requests use and by DevEUI.
final class Registry: Sendable {
    private struct Tables {
        var applications: [String: ApplicationEntry] = [:]
        var devices = DeviceSlots<DeviceEntry>()
        /// Slots of the devices by name.
        var names = SlotIndex()

        func slot(_ applicationID: String, _ deviceID: String) -> Int? {
            names.slot(Self.hash(applicationID, deviceID)) { [devices] in
                Self.holds(devices[$0], applicationID, deviceID)
            }
        }

        mutating func put(_ entry: DeviceEntry) {
            if let slot = devices.slot(of: entry.devEUI) { forgetName(of: slot) }
            let (application, device) = (entry.application.id, entry.deviceID)
            if let other = slot(application, device) { forgetName(of: other) }
            let slot = devices.put(entry)
            names.insert(slot, Self.hash(application, device)) { [devices] in Self.hash(devices[$0]) }
        }

        mutating func remove(_ entry: DeviceEntry) {
            guard let slot = devices.slot(of: entry.devEUI), devices[slot] === entry else { return }
            forgetName(of: slot)
            devices.remove(entry.devEUI)
        }

        mutating func reserve(_ count: Int) {
            devices.reserve(count)
            names.reserve(count) { [devices] in Self.hash(devices[$0]) }
        }

        /// Its name may belong to another device by now.
        private mutating func forgetName(of slot: Int) {
            names.remove(
                Self.hash(devices[slot]),
                where: { $0 == slot },
                hashOf: { [devices] in Self.hash(devices[$0]) },
            )
        }

        private static func holds(_ entry: DeviceEntry?, _ applicationID: String, _ deviceID: String) -> Bool {
            entry.map { $0.deviceID == deviceID && $0.application.id == applicationID } ?? false
        }

        private static func hash(_ entry: DeviceEntry?) -> UInt64 {
            entry.map { hash($0.application.id, $0.deviceID) } ?? 0
        }

        private static func hash(_ applicationID: String, _ deviceID: String) -> UInt64 {
            var hasher = Hasher()
            hasher.combine(applicationID)
            hasher.combine(deviceID)
            return UInt64(bitPattern: Int64(hasher.finalize()))
        }
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
        tables.withLock { $0.put(entry) }
    }

    /// The same for many at once.
    func put(_ entries: [DeviceEntry]) {
        tables.withLock { tables in for entry in entries { tables.put(entry) } }
    }

    /// Makes room for that many devices at once.
    func reserve(_ count: Int) {
        tables.withLock { $0.reserve(count) }
    }

    func application(_ id: String) -> ApplicationEntry? {
        tables.withLock { $0.applications[id] }
    }

    func device(_ devEUI: EUI64) -> DeviceEntry? {
        tables.withLock { $0.devices[devEUI] }
    }

    func device(_ applicationID: String, _ deviceID: String) -> DeviceEntry? {
        tables.withLock { tables in tables.slot(applicationID, deviceID).flatMap { tables.devices[$0] } }
    }

    /// All devices, in no order.
    var devices: [DeviceEntry] { tables.withLock { Array($0.devices.all) } }

    var deviceCount: Int { tables.withLock { $0.devices.count } }
}

/// What goes while the service runs.
extension Registry {
    /// Takes a device out, unless another registration has taken its place.
    func remove(_ entry: DeviceEntry) {
        tables.withLock { $0.remove(entry) }
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
