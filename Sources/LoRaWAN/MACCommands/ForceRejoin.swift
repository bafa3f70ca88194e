// SPDX-License-Identifier: Apache-2.0

/// ForceRejoinReq: makes a device rejoin at once (LoRaWAN 1.1 section 5.13).
public struct ForceRejoin: Hashable, Sendable {
    /// 0 to 7: between attempts pass 32 s times 2 to this power, and up to 32 s more.
    public var period: UInt8
    /// 0 to 7: attempts after the first.
    public var retries: UInt8
    /// 0 to 7: 0 and 1 ask for a rejoin-request of type 0, 2 for one of type 2.
    public var type: UInt8
    /// 0 to 15.
    public var dataRate: DataRateIndex

    /// A request from its fields.
    public init(period: UInt8, retries: UInt8, type: UInt8, dataRate: DataRateIndex) {
        self.period = period
        self.retries = retries
        self.type = type
        self.dataRate = dataRate
    }
}
