// SPDX-License-Identifier: Apache-2.0

/// DevStatusAns: battery and reception of a device (LoRaWAN 1.0.4 section 5.6).
public struct DeviceStatus: Hashable, Sendable {
    /// What a device knows of its supply.
    public enum Battery: Hashable, Sendable {
        /// Not fed by a battery.
        case externalPower
        /// 1, nearly empty, to 254, full.
        case level(UInt8)
        /// It could not measure.
        case unknown
    }

    /// The battery octet: 0 external power, 1 to 254 a level, 255 unknown.
    public var batteryOctet: UInt8
    /// SNR of the request in dB, -32 to 31.
    public var margin: Int8

    /// A status from its fields.
    public init(batteryOctet: UInt8, margin: Int8) {
        self.batteryOctet = batteryOctet
        self.margin = margin
    }

    /// The battery octet's meaning.
    public var battery: Battery {
        switch batteryOctet {
        case 0: .externalPower
        case 255: .unknown
        default: .level(batteryOctet)
        }
    }
}
