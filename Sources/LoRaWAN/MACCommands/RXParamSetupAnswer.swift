// SPDX-License-Identifier: Apache-2.0

/// RXParamSetupAns: what the device accepted (LoRaWAN 1.0.4 section 5.5).
public struct RXParamSetupAnswer: Hashable, Sendable {
    /// The device can receive on the frequency of the second window.
    public var frequencyAccepted: Bool
    /// It knows the data rate of the second window.
    public var rx2DataRateAccepted: Bool
    /// It knows the offset of the first window.
    public var rx1DataRateOffsetAccepted: Bool

    /// An answer from its three bits.
    public init(frequencyAccepted: Bool, rx2DataRateAccepted: Bool, rx1DataRateOffsetAccepted: Bool) {
        self.frequencyAccepted = frequencyAccepted
        self.rx2DataRateAccepted = rx2DataRateAccepted
        self.rx1DataRateOffsetAccepted = rx1DataRateOffsetAccepted
    }

    /// All three accepted; otherwise the device changed nothing.
    public var isAccepted: Bool { frequencyAccepted && rx2DataRateAccepted && rx1DataRateOffsetAccepted }
}
