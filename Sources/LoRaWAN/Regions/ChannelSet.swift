// SPDX-License-Identifier: Apache-2.0

/// A set of uplink channels by their indexes, 0 to 127.
public struct ChannelSet: Hashable, Sendable {
    private var bits: UInt128

    /// No channels.
    public init() { bits = 0 }

    /// The channels of some indexes.
    public init(_ indexes: some Sequence<Int>) {
        self.init()
        for index in indexes { insert(index) }
    }

    /// How many channels are in the set.
    public var count: Int { bits.nonzeroBitCount }

    /// Whether there are none.
    public var isEmpty: Bool { bits == 0 }

    /// The indexes from the lowest up.
    public var indexes: [Int] { (0..<128).filter { contains($0) } }

    /// Whether a channel is in the set.
    public func contains(_ index: Int) -> Bool { bits >> UInt128(index) & 1 == 1 }

    /// Adds a channel, 0 to 127.
    public mutating func insert(_ index: Int) {
        precondition((0..<128).contains(index), "a channel index is 0 to 127")
        bits |= 1 << UInt128(index)
    }

    /// Takes a channel out.
    public mutating func remove(_ index: Int) { bits &= ~(1 << UInt128(index)) }

    /// Whether every channel of this set is in the other.
    public func isSubset(of other: ChannelSet) -> Bool { bits & ~other.bits == 0 }

    /// Channels in either set.
    public func union(_ other: ChannelSet) -> ChannelSet { ChannelSet(bits: bits | other.bits) }

    /// Channels in both sets.
    public func intersection(_ other: ChannelSet) -> ChannelSet { ChannelSet(bits: bits & other.bits) }

    /// Channels of this set that are not in the other.
    public func subtracting(_ other: ChannelSet) -> ChannelSet { ChannelSet(bits: bits & ~other.bits) }

    private init(bits: UInt128) { self.bits = bits }

    /// The 16 channels from an index as a mask, bit 0 the first.
    public func mask(first: Int) -> UInt16 { UInt16(truncatingIfNeeded: bits >> UInt128(first)) }

    /// Channels from an index, one for each bit of a mask.
    public init(mask: UInt16, first: Int) { bits = UInt128(mask) << UInt128(first) }
}
