// SPDX-License-Identifier: Apache-2.0

/// Which network's results a call wants. A script of either dialect serves both.
public struct CodecFlavours: OptionSet, Hashable, Sendable {
    public let rawValue: UInt8

    public init(rawValue: UInt8) {
        self.rawValue = rawValue
    }

    /// Decoder, Converter, Validator; Encoder (ttn-mqtt B).
    public static let v2 = CodecFlavours(rawValue: 1)
    /// decodeUplink and normalizeUplink; encodeDownlink (ttn-mqtt D).
    public static let v3 = CodecFlavours(rawValue: 2)
}
