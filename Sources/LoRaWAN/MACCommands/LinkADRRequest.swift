// SPDX-License-Identifier: Apache-2.0

/// LinkADRReq: data rate, power, repetitions and channels (LoRaWAN 1.0.4 section 5.3).
public struct LinkADRRequest: Hashable, Sendable {
    /// The value of `dataRate` and `powerIndex` that keeps what the device has (1.0.4 and 1.1).
    public static let keep: UInt8 = 15

    /// 0 to 15.
    public var dataRate: DataRateIndex
    /// TXPower, 0 to 15.
    public var powerIndex: UInt8
    /// One bit a channel; what it means is ChMaskCntl's rule, see `Region.channelMaskRules`.
    public var channelMask: UInt16
    /// ChMaskCntl, 0 to 7.
    public var channelMaskControl: UInt8
    /// NbTrans, 0 to 15: how often each uplink is sent; 0 means the default, once.
    public var transmissions: UInt8

    /// A request from its fields.
    public init(
        dataRate: DataRateIndex,
        powerIndex: UInt8,
        channelMask: UInt16,
        channelMaskControl: UInt8,
        transmissions: UInt8,
    ) {
        self.dataRate = dataRate
        self.powerIndex = powerIndex
        self.channelMask = channelMask
        self.channelMaskControl = channelMaskControl
        self.transmissions = transmissions
    }
}
