// SPDX-License-Identifier: Apache-2.0

/// Frequency and data rate of a window.
public struct ReceiveWindow: Hashable, Sendable {
    /// In hertz.
    public var frequency: UInt32
    /// By number.
    public var dataRate: DataRateIndex

    /// A window of a frequency in hertz and a data rate.
    public init(frequency: UInt32, dataRate: DataRateIndex) {
        self.frequency = frequency
        self.dataRate = dataRate
    }
}
