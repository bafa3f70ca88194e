// SPDX-License-Identifier: Apache-2.0

/// The data rates that adaptive data rate may choose from.
public struct ADRLimits: Hashable, Sendable {
    /// The slowest one.
    public let minimumDataRate: DataRateIndex
    /// The fastest one on channels of normal width.
    public let maximumDataRate: DataRateIndex
    /// The one on wide channels, where there are such.
    public let wideDataRate: DataRateIndex?
    /// The slowest one while uplinks have a dwell time limit.
    public let minimumDataRateUnderDwell: DataRateIndex

    init(_ range: ClosedRange<DataRateIndex>, wide: DataRateIndex? = nil, underDwell: DataRateIndex? = nil) {
        minimumDataRate = range.lowerBound
        maximumDataRate = range.upperBound
        wideDataRate = wide
        minimumDataRateUnderDwell = underDwell ?? range.lowerBound
    }
}
