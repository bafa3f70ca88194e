// SPDX-License-Identifier: Apache-2.0

/// Channels and data rates that join-requests may use.
public struct JoinChannels: Hashable, Sendable {
    /// Indexes of the channels.
    public let channels: Range<Int>
    /// The slowest data rate.
    public let minimumDataRate: DataRateIndex
    /// The fastest data rate.
    public let maximumDataRate: DataRateIndex
}
