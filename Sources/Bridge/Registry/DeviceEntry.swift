// SPDX-License-Identifier: Apache-2.0
internal import LoRaWAN
internal import NetworkServer
internal import PayloadCodec
internal import Store
internal import TTNMessages

/// A registered device as the pipelines see it: made once a registration, read by many.
///
/// It holds what messages and routes are made of. What only people ask for stays in the store, and keys are the network
/// server's.
final class DeviceEntry: DeviceKeyed {
    let devEUI: EUI64
    let application: ApplicationEntry
    let deviceID: String
    private let joinEUIOrZero: EUI64
    private let extras: Extras?
    private let fixedAddress: DevAddr
    private let coverageIndex: UInt16
    let version: LoRaWANVersion
    let deviceClass: DeviceClass
    private let hasJoinEUI: Bool
    /// Whether its address and keys are those of its registration.
    let isPersonalised: Bool

    /// What most registrations say nothing of.
    private final class Extras: Sendable {
        let region: Region?
        let codec: String?
        let payloadFormat: ApplicationRecord.PayloadFormat?
        let attributes: [String: String]
        let location: GeoLocation?

        /// nil when the registration says nothing of these.
        init?(_ record: DeviceRecord) {
            location = GeoLocation(of: record)
            guard
                record.region != nil || record.codec != nil || record.payloadFormat != nil
                    || !record.attributes.isEmpty || location != nil
            else { return nil }
            region = record.region.flatMap { Region.named($0) }
            codec = record.codec
            payloadFormat = record.payloadFormat
            attributes = record.attributes
        }
    }

    /// - Parameter coverage: the index of the coverage that carries it.
    init(_ record: DeviceRecord, in application: ApplicationEntry, coverage: Int) {
        devEUI = record.devEUI
        self.application = application
        deviceID = record.deviceID
        joinEUIOrZero = record.joinEUI ?? EUI64(rawValue: 0)
        hasJoinEUI = record.joinEUI != nil
        if case .abp(let devAddr, _) = record.activation {
            fixedAddress = devAddr
            isPersonalised = true
        } else {
            fixedAddress = DevAddr(rawValue: 0)
            isPersonalised = false
        }
        coverageIndex = UInt16(clamping: coverage)
        version = record.lorawanVersion
        deviceClass = record.deviceClass
        extras = Extras(record)
    }

    var joinEUI: EUI64? { hasJoinEUI ? joinEUIOrZero : nil }
    /// The address of a personalised device.
    var devAddr: DevAddr? { isPersonalised ? fixedAddress : nil }
    /// The index of the coverage that carries it.
    var coverage: Int { Int(coverageIndex) }
    /// The region that is its own and not its coverage's.
    var region: Region? { extras?.region }
    /// The formatter that it names.
    var codec: String? { extras?.codec }
    /// What its messages are decoded and encoded by.
    var formatter: Formatter { application.formatter(codec: extras?.codec, format: extras?.payloadFormat) }

    /// Whether a registration is of the same name.
    func isNamed(in record: DeviceRecord) -> Bool {
        deviceID == record.deviceID && application.id == record.applicationID
    }

    /// How messages name the device while it has the given address.
    func identity(devAddr: DevAddr?) -> DeviceIdentity {
        DeviceIdentity(
            applicationID: application.id,
            deviceID: deviceID,
            devEUI: devEUI,
            joinEUI: joinEUI,
            devAddr: devAddr,
            attributes: extras?.attributes ?? [:],
            location: extras?.location,
        )
    }
}

extension GeoLocation {
    /// Where a registration says that its device is.
    init?(of record: DeviceRecord) {
        guard let latitude = record.latitude, let longitude = record.longitude else { return nil }
        self.init(latitude: latitude, longitude: longitude, altitude: record.altitude, source: .registry)
    }
}
