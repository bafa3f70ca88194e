// SPDX-License-Identifier: Apache-2.0

extension Modulation {
    /// The SNR in dB below which a frame cannot be read: what ADR and LinkCheckAns measure margins from. Nil for anything but LoRa.
    ///
    /// The floor is of the spreading factor, for the bandwidth that the SNR was measured in: -5 dB at SF6 down to -20 dB at SF12 in steps of 2.5.
    public var requiredSNR: Double? {
        guard case .lora(let spreading, _) = self, (5...12).contains(spreading) else { return nil }
        return 10 - 2.5 * Double(spreading)
    }
}
