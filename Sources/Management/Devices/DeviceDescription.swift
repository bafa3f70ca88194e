// SPDX-License-Identifier: Apache-2.0
public import LoRaWAN

/// A device as requests, imports and exports describe it: every attribute optional, none checked against another.
public struct DeviceDescription: Hashable, Sendable {
    public var devEUI: EUI64?
    public var joinEUI: EUI64?
    public var devAddr: DevAddr?
    public var appKey: AES128Key?
    public var nwkKey: AES128Key?
    public var nwkSKey: AES128Key?
    public var appSKey: AES128Key?
    public var fNwkSIntKey: AES128Key?
    public var sNwkSIntKey: AES128Key?
    public var nwkSEncKey: AES128Key?
    /// nil: 1.0.3, or 1.1 with keys of 1.1.
    public var version: LoRaWANVersion?
    public var deviceClass: DeviceClass?
    /// The name of a region in place of its coverage's.
    public var region: String?
    /// The coverage whose routing table holds it; nil for the first.
    public var coverage: String?
    /// `none`, `custom` or `cayennelpp` in place of its application's.
    public var payloadFormat: String?
    /// A formatter of the repository of formatters, by name.
    public var codec: String?
    public var text: String?
    /// Degrees north.
    public var latitude: Double?
    /// Degrees east.
    public var longitude: Double?
    /// Metres above sea level.
    public var altitude: Double?
    public var attributes: [String: String] = [:]
    /// The counter of the last uplink.
    public var fCntUp: UInt32?
    /// The counter of the next downlink.
    public var fCntDown: UInt32?
    public var disablesFCntCheck: Bool?
    public var uses32BitFCnt: Bool?
    public var resetsFCnt: Bool?
    public var usesADR: Bool?

    public init() {}

    /// The version it speaks: what it says, else what its keys tell.
    public var effectiveVersion: LoRaWANVersion {
        version ?? (nwkKey != nil || sNwkSIntKey != nil || nwkSEncKey != nil ? .v1_1 : .v1_0_3)
    }
}
