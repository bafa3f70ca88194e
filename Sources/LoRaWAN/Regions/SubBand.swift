// SPDX-License-Identifier: Apache-2.0

/// A part of the spectrum with its own limits.
public struct SubBand: Hashable, Sendable {
    /// In hertz.
    public let frequencies: ClosedRange<UInt32>
    /// The share of time a sender may be on air.
    public let dutyCycle: Double
    /// The highest effective radiated power in dBm, where one is stated; 2.15 dB below EIRP.
    public let maximumERP: Double?
}
