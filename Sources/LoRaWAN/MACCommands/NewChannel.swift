// SPDX-License-Identifier: Apache-2.0

/// NewChannelReq: adds, changes or removes a channel (LoRaWAN 1.0.4 section 5.7).
public struct NewChannel: Hashable, Sendable {
    /// The channel's number on the device.
    public var index: UInt8
    /// In hertz; 0 removes the channel.
    public var frequency: UInt32
    /// 0 to 15.
    public var minimumDataRate: DataRateIndex
    /// 0 to 15.
    public var maximumDataRate: DataRateIndex

    /// A request from its fields.
    public init(
        index: UInt8,
        frequency: UInt32,
        minimumDataRate: DataRateIndex,
        maximumDataRate: DataRateIndex,
    ) {
        self.index = index
        self.frequency = frequency
        self.minimumDataRate = minimumDataRate
        self.maximumDataRate = maximumDataRate
    }
}
