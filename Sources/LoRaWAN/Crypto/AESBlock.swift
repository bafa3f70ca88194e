// SPDX-License-Identifier: Apache-2.0

/// One 16-octet block, held as two big-endian words so that it is built without a heap allocation.
public struct AESBlock: Hashable, Sendable {
    /// Octets 0 to 7, octet 0 most significant.
    public var high: UInt64
    /// Octets 8 to 15.
    public var low: UInt64

    /// A block from its two words; zeros when not given.
    public init(high: UInt64 = 0, low: UInt64 = 0) {
        self.high = high
        self.low = low
    }

    /// Takes up to 16 octets; missing ones are zero.
    public init(_ octets: some Collection<UInt8>) {
        self.init()
        for (index, octet) in octets.prefix(16).enumerated() {
            setZeroOctet(index, to: octet)
        }
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

extension AESBlock {
    /// Up to 16 octets from an offset inside the span; missing ones are zero.
    init(_ octets: Span<UInt8>, at offset: Int) {
        self.init()
        let bytes = octets.bytes
        let count = bytes.byteCount - offset
        if count >= 16 {
            high = UInt64(bigEndian: bytes.unsafeLoadUnaligned(fromByteOffset: offset, as: UInt64.self))
            low = UInt64(bigEndian: bytes.unsafeLoadUnaligned(fromByteOffset: offset + 8, as: UInt64.self))
        } else {
            for index in 0..<count {
                setZeroOctet(index, to: octets[offset + index])
            }
        }
    }

    /// Sets an octet that is zero so far.
    mutating func setZeroOctet(_ index: Int, to octet: UInt8) {
        if index < 8 {
            high |= UInt64(octet) << UInt64(56 - 8 * index)
        } else {
            low |= UInt64(octet) << UInt64(120 - 8 * index)
        }
    }
}
