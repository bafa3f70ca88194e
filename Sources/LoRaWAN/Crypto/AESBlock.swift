// SPDX-License-Identifier: Apache-2.0

/// One 16-octet block, held as two big-endian words so that it is built without a heap allocation.
public struct AESBlock: Hashable, Sendable {
    /// Octets 0 to 7, octet 0 most significant.
    public var high: UInt64
    /// Octets 8 to 15.
    public var low: UInt64

    public init(high: UInt64 = 0, low: UInt64 = 0) {
        self.high = high
        self.low = low
    }

    /// Takes up to 16 octets; missing ones are zero.
    public init(_ octets: some Collection<UInt8>) {
        var words: (UInt64, UInt64) = (0, 0)
        for (index, octet) in octets.prefix(16).enumerated() {
            if index < 8 {
                words.0 |= UInt64(octet) << UInt64(56 - 8 * index)
            } else {
                words.1 |= UInt64(octet) << UInt64(120 - 8 * index)
            }
        }
        self.init(high: words.0, low: words.1)
    }

    /// The 16 octets in memory order.
    public var octets: [UInt8] {
        (0..<16).map { index in
            let word = index < 8 ? high : low
            return UInt8(truncatingIfNeeded: word >> UInt64(56 - 8 * (index & 7)))
        }
    }

    static func ^ (left: AESBlock, right: AESBlock) -> AESBlock {
        AESBlock(high: left.high ^ right.high, low: left.low ^ right.low)
    }
}
