// SPDX-License-Identifier: Apache-2.0

/// A 64-bit extended unique identifier: a DevEUI or a JoinEUI (AppEUI before LoRaWAN 1.1).
public struct EUI64: RawRepresentable, Hashable, Sendable, Comparable {
    /// The identifier as a number, most significant byte first as people write it.
    public var rawValue: UInt64

    /// An identifier from its number.
    public init(rawValue: UInt64) {
        self.rawValue = rawValue
    }

    /// Reads exactly 16 hexadecimal digits of either case.
    public init?(hex: some StringProtocol) {
        guard let value = UInt64(exactHex: hex, digits: 16) else { return nil }
        rawValue = value
    }

    /// 16 lower case hexadecimal digits, as the RAN writes it.
    public var hex: String { rawValue.hexText(digits: 16) }

    /// 16 upper case hexadecimal digits, as The Things Network writes it.
    public var upperHex: String { rawValue.hexText(digits: 16, uppercase: true) }

    /// Ordered as numbers.
    public static func < (left: EUI64, right: EUI64) -> Bool { left.rawValue < right.rawValue }
}

extension EUI64: CustomStringConvertible {
    /// The same as `hex`.
    public var description: String { hex }
}
