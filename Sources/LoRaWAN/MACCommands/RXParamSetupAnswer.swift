// SPDX-License-Identifier: Apache-2.0

/// RXParamSetupAns: what the device accepted (LoRaWAN 1.0.4 section 5.5).
public struct RXParamSetupAnswer: Hashable, Sendable {
    public var frequencyAccepted: Bool
    public var rx2DataRateAccepted: Bool
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
