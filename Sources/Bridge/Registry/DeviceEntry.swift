// SPDX-License-Identifier: Apache-2.0
internal import LoRaWAN
internal import NetworkServer
internal import Store
internal import TTNMessages

/// A registered device as the pipelines see it: made once a registration, read by many.
final class DeviceEntry: Sendable {
    let record: DeviceRecord
    let application: ApplicationEntry
    let profile: DeviceProfile

    init(record: DeviceRecord, application: ApplicationEntry, profile: DeviceProfile) {
        self.record = record
        self.application = application
        self.profile = profile
    }

    var devEUI: EUI64 { record.devEUI }

    /// How messages name the device while it has the given address.
    func identity(devAddr: DevAddr?) -> DeviceIdentity {
        DeviceIdentity(
            applicationID: record.applicationID,
            deviceID: record.deviceID,
            devEUI: record.devEUI,
            joinEUI: record.joinEUI,
            devAddr: devAddr,
            attributes: record.attributes,
            location: location,
        )
    }

    private var location: GeoLocation? {
        guard let latitude = record.latitude, let longitude = record.longitude else { return nil }
        return GeoLocation(latitude: latitude, longitude: longitude, altitude: record.altitude, source: .registry)
    }
}
