// SPDX-License-Identifier: Apache-2.0
public import LoRaWAN

/// What the network server knows of a device from its registration.
public struct DeviceProfile: Sendable {
    public var devEUI: EUI64
    /// nil only for devices activated by personalisation.
    public var joinEUI: EUI64?
    public var version: LoRaWANVersion
    public var deviceClass: DeviceClass
    public var region: Region
    /// Index of the coverage whose RAN carries its class B and C downlinks before an uplink told better.
    public var coverage: Int
    public var activation: Activation
    /// False lets any counter in (the operator's risk).
    public var checksFrameCounter: Bool
    /// False for devices that count only 16 bits.
    public var uses32BitCounter: Bool
    /// Personalised devices: accept a restart of the counter at 0.
    public var allowsCounterReset: Bool
    public var usesADR: Bool

    public init(
        devEUI: EUI64,
        joinEUI: EUI64?,
        version: LoRaWANVersion,
        deviceClass: DeviceClass,
        region: Region,
        coverage: Int,
        activation: Activation,
        checksFrameCounter: Bool = true,
        uses32BitCounter: Bool = true,
        allowsCounterReset: Bool = false,
        usesADR: Bool = true,
    ) {
        self.devEUI = devEUI
        self.joinEUI = joinEUI
        self.version = version
        self.deviceClass = deviceClass
        self.region = region
        self.coverage = coverage
        self.activation = activation
        self.checksFrameCounter = checksFrameCounter
        self.uses32BitCounter = uses32BitCounter
        self.allowsCounterReset = allowsCounterReset
        self.usesADR = usesADR
    }

    /// How a device comes by its session.
    public enum Activation: Sendable {
        /// Over the air. `nwkKey` is for LoRaWAN 1.1 only.
        case overTheAir(appKey: AES128Key, nwkKey: AES128Key?)
        /// By personalisation: counters start at the given values when no session is stored.
        case personalised(DevAddr, SessionKeys, counterUp: UInt32?, counterDown: UInt32)
    }
}
