// SPDX-License-Identifier: Apache-2.0

/// A 32-bit device address of a session; several devices may share one (LoRaWAN 1.0.4 section 6.1.1).
public struct DevAddr: RawRepresentable, Hashable, Sendable, Comparable {
    /// The address as a number, most significant byte first as people write it.
    public var rawValue: UInt32

    /// An address from its number.
    public init(rawValue: UInt32) {
        self.rawValue = rawValue
    }

    /// Reads exactly 8 hexadecimal digits of either case.
    public init?(hex: some StringProtocol) {
        guard let value = UInt64(exactHex: hex, digits: 8) else { return nil }
        rawValue = UInt32(value)
    }

    /// 8 lower case hexadecimal digits, as the RAN writes it.
    public var hex: String { UInt64(rawValue).hexText(digits: 8) }

    /// 8 upper case hexadecimal digits, as The Things Network writes it.
    public var upperHex: String { UInt64(rawValue).hexText(digits: 8, uppercase: true) }

    /// Ordered as numbers.
    public static func < (left: DevAddr, right: DevAddr) -> Bool { left.rawValue < right.rawValue }
}

extension DevAddr: CustomStringConvertible {
    /// The same as `hex`.
    public var description: String { hex }
}
