// SPDX-License-Identifier: Apache-2.0

/// A 24-bit network identifier (LoRaWAN Backend Interfaces section 13).
public struct NetID: RawRepresentable, Hashable, Sendable {
    /// The identifier as a number below 2^24.
    public let rawValue: UInt32

    /// Fails above 24 bits.
    public init?(rawValue: UInt32) {
        guard rawValue < 1 << 24 else { return nil }
        self.rawValue = rawValue
    }

    /// The low 24 bits of a number.
    init(lowBitsOf value: UInt32) {
        rawValue = value & 0xff_ffff
    }

    /// Reads exactly 6 hexadecimal digits of either case.
    public init?(hex: some StringProtocol) {
        guard let value = UInt64(exactHex: hex, digits: 6) else { return nil }
        rawValue = UInt32(value)
    }

    /// 6 lower case hexadecimal digits.
    public var hex: String { UInt64(rawValue).hexText(digits: 6) }

    /// 6 upper case hexadecimal digits.
    public var upperHex: String { UInt64(rawValue).hexText(digits: 6, uppercase: true) }
}

extension NetID: CustomStringConvertible {
    /// The same as `hex`.
    public var description: String { hex }
}
