// SPDX-License-Identifier: Apache-2.0

/// Channels with consecutive indexes at equal distances.
public struct ChannelRange: Hashable, Sendable {
    /// Index of the first channel.
    public let first: Int
    /// How many channels.
    public let count: Int
    /// Frequency of the first channel in hertz.
    public let base: UInt32
    /// Distance between neighbours in hertz.
    public let step: UInt32
    /// The slowest data rate on them.
    public let minimumDataRate: DataRateIndex
    /// The fastest data rate on them.
    public let maximumDataRate: DataRateIndex

    /// Indexes of the channels.
    public var indexes: Range<Int> { first..<first + count }

    /// The frequency of a channel in hertz; nil for an index outside the range.
    public func frequency(of index: Int) -> UInt32? {
        indexes.contains(index) ? base + UInt32(index - first) * step : nil
    }

    /// The index of the channel at exactly this frequency in hertz.
    public func index(frequency: UInt32) -> Int? {
        guard frequency >= base else { return nil }
        let (quotient, remainder) = (frequency - base).quotientAndRemainder(dividingBy: step)
        return remainder == 0 && quotient < count ? first + Int(quotient) : nil
    }
}
