// SPDX-License-Identifier: Apache-2.0

/// How a frame was or will be sent.
public enum Modulation: Hashable, Sendable {
    /// LoRa: spreading factor 5 to 12, bandwidth in hertz.
    case lora(spreading: UInt8, bandwidth: UInt32)
    /// FSK: frequency deviation in hertz, bit rate in bits a second.
    case fsk(deviation: UInt32, bitRate: UInt32)
    /// LR-FHSS: occupied channel width in hertz, coding rate such as `1/3`.
    case fhss(occupiedWidth: UInt32, codingRate: String)
}
