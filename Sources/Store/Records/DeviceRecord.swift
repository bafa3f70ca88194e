// SPDX-License-Identifier: Apache-2.0
public import LoRaWAN

/// A device of the registry, as people describe it. What the network learns of it lives in its session.
public struct DeviceRecord: Hashable, Sendable {
    /// The application it belongs to; that application must exist.
    public var applicationID: String
    /// The identifier in topics, unique in its application.
    public var deviceID: String
    /// Unique over all applications.
    public var devEUI: EUI64
    /// JoinEUI, once AppEUI. A personalised device may have none.
    public var joinEUI: EUI64?
    public var activation: ActivationRecord
    public var lorawanVersion: LoRaWANVersion
    public var deviceClass: DeviceClass
    /// A region in place of its coverage's.
    public var region: String?
    /// The coverage whose routing table holds it; nil when there is only one.
    public var coverage: String?
    /// A payload format in place of its application's.
    public var payloadFormat: ApplicationRecord.PayloadFormat?
    /// A formatter of the repository of formatters, by name.
    public var codec: String?
    public var description: String
    /// Degrees north.
    public var latitude: Double?
    /// Degrees east.
    public var longitude: Double?
    /// Metres above sea level.
    public var altitude: Double?
    public var attributes: [String: String]
    /// Whether a replayed or older frame counter is refused.
    public var checksFrameCounter: Bool
    /// Whether its counters go on past 65535.
    public var uses32BitCounter: Bool
    /// Whether a personalised device may begin at 0 again.
    public var allowsCounterReset: Bool
    public var adrEnabled: Bool
    /// The counter of the last uplink, where the device was known elsewhere before.
    public var initialFCntUp: UInt32
    /// The counter of the next downlink, where the device was known elsewhere before.
    public var initialFCntDown: UInt32
    public var createdAt: UnixTime
    public var updatedAt: UnixTime

    public init(
        applicationID: String,
        deviceID: String,
        devEUI: EUI64,
        joinEUI: EUI64? = nil,
        activation: ActivationRecord,
        lorawanVersion: LoRaWANVersion = .v1_0_3,
        deviceClass: DeviceClass = .a,
        region: String? = nil,
        coverage: String? = nil,
        payloadFormat: ApplicationRecord.PayloadFormat? = nil,
        codec: String? = nil,
        description: String = "",
        latitude: Double? = nil,
        longitude: Double? = nil,
        altitude: Double? = nil,
        attributes: [String: String] = [:],
        checksFrameCounter: Bool = true,
        uses32BitCounter: Bool = true,
        allowsCounterReset: Bool = false,
        adrEnabled: Bool = true,
        initialFCntUp: UInt32 = 0,
        initialFCntDown: UInt32 = 0,
        createdAt: UnixTime,
        updatedAt: UnixTime? = nil,
    ) {
        self.applicationID = applicationID
        self.deviceID = deviceID
        self.devEUI = devEUI
        self.joinEUI = joinEUI
        self.activation = activation
        self.lorawanVersion = lorawanVersion
        self.deviceClass = deviceClass
        self.region = region
        self.coverage = coverage
        self.payloadFormat = payloadFormat
        self.codec = codec
        self.description = description
        self.latitude = latitude
        self.longitude = longitude
        self.altitude = altitude
        self.attributes = attributes
        self.checksFrameCounter = checksFrameCounter
        self.uses32BitCounter = uses32BitCounter
        self.allowsCounterReset = allowsCounterReset
        self.adrEnabled = adrEnabled
        self.initialFCntUp = initialFCntUp
        self.initialFCntDown = initialFCntDown
        self.createdAt = createdAt
        self.updatedAt = updatedAt ?? createdAt
    }
}

extension DeviceRecord {
    /// Where a device stands in the registry's order: by application, then by device.
    public struct Key: Hashable, Sendable, Comparable {
        public var applicationID: String
        public var deviceID: String

        public init(applicationID: String, deviceID: String) {
            self.applicationID = applicationID
            self.deviceID = deviceID
        }

        public static func < (left: Key, right: Key) -> Bool {
            (left.applicationID, left.deviceID) < (right.applicationID, right.deviceID)
        }
    }

    /// Its place in the registry's order.
    public var key: Key { Key(applicationID: applicationID, deviceID: deviceID) }
}
