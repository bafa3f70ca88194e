// SPDX-License-Identifier: Apache-2.0

/// What a join-accept's channel list holds in a region.
public enum ChannelListForm: Hashable, Sendable {
    /// Type 0: frequencies of five channels from an index, with one range of data rates.
    case frequencies(firstIndex: Int, minimumDataRate: DataRateIndex, maximumDataRate: DataRateIndex)
    /// Type 1: so many masks of sixteen channels, for devices of a version or later.
    case masks(count: Int, since: LoRaWANVersion)
}
