// SPDX-License-Identifier: Apache-2.0

/// TxParamSetupReq: dwell time limits and the highest power (LoRaWAN 1.0.4 section 5.9).
public struct TxParamSetup: Hashable, Sendable {
    /// EIRP in dBm by index 0 to 15.
    public static let eirpByIndex: [Double] = [8, 10, 12, 13, 14, 16, 18, 20, 21, 24, 26, 27, 29, 30, 33, 36]

    /// The 400 ms limits.
    public var dwellTime: DwellTime
    /// 0 to 15, see `eirpByIndex`.
    public var eirpIndex: UInt8

    /// A request from its fields.
    public init(dwellTime: DwellTime, eirpIndex: UInt8) {
        self.dwellTime = dwellTime
        self.eirpIndex = eirpIndex
    }
}
