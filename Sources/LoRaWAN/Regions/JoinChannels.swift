// SPDX-License-Identifier: Apache-2.0

/// Channels and data rates that join-requests may use.
public struct JoinChannels: Hashable, Sendable {
    /// Indexes of the channels.
    public let channels: Range<Int>
    public let minimumDataRate: DataRateIndex
    public let maximumDataRate: DataRateIndex
}
