// SPDX-License-Identifier: Apache-2.0

/// A 128-bit key. Its description is `***`, so that no log or error shows it.
public struct AES128Key: Hashable, Sendable {
    /// First eight octets, first octet most significant.
    let high: UInt64
    /// Last eight octets.
    let low: UInt64

    /// Takes exactly 16 octets in memory order; nil for any other count.
    public init?(octets: some Collection<UInt8>) {
        guard octets.count == 16 else { return nil }
        // Octets that lie together, as an array's, are read as two words; the general way costs a call an octet.
        let words = octets.withContiguousStorageIfAvailable { storage in
            let raw = UnsafeRawBufferPointer(storage)
            return (
                UInt64(bigEndian: raw.loadUnaligned(as: UInt64.self)),
                UInt64(bigEndian: raw.loadUnaligned(fromByteOffset: 8, as: UInt64.self))
            )
        }
        if let words {
            (high, low) = words
            return
        }
        high = octets.prefix(8).reduce(0) { $0 << 8 | UInt64($1) }
        low = octets.suffix(8).reduce(0) { $0 << 8 | UInt64($1) }
    }

    /// Reads exactly 32 hexadecimal digits of either case.
    public init?(hex: some StringProtocol) {
        guard let octets = Hex.octets(hex) else { return nil }
        self.init(octets: octets)
    }

    init(_ block: AESBlock) {
        high = block.high
        low = block.low
    }

    /// The 16 octets in memory order: for storing, and for those who may see keys. Never log them.
    public var octets: [UInt8] { AESBlock(high: high, low: low).octets }

    /// 32 lower case hexadecimal digits, under the same care as `octets`.
    public var hex: String { Hex.text(octets) }
}

extension AES128Key: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    /// Always `***`.
    public var description: String { "***" }
    /// Always `***`.
    public var debugDescription: String { "***" }

    /// Nothing, so that `dump` shows nothing.
    public var customMirror: Mirror { Mirror(self, children: [(label: String?, value: Any)]()) }
}
