// SPDX-License-Identifier: Apache-2.0

/// LinkADRAns: what the device accepted (LoRaWAN 1.0.4 section 5.3).
public struct LinkADRAnswer: Hashable, Sendable {
    /// The mask names only channels the device has.
    public var channelMaskAccepted: Bool
    /// The data rate can be used on them.
    public var dataRateAccepted: Bool
    /// The power can be set.
    public var powerAccepted: Bool

    /// An answer from its three bits.
    public init(channelMaskAccepted: Bool, dataRateAccepted: Bool, powerAccepted: Bool) {
        self.channelMaskAccepted = channelMaskAccepted
        self.dataRateAccepted = dataRateAccepted
        self.powerAccepted = powerAccepted
    }

    /// All three accepted; otherwise the device changed nothing.
    public var isAccepted: Bool { channelMaskAccepted && dataRateAccepted && powerAccepted }
}
