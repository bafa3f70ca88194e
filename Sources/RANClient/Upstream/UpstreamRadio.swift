// SPDX-License-Identifier: Apache-2.0
public import LoRaWAN

/// How a gateway received a frame.
public struct UpstreamRadio: Sendable, Hashable {
    /// In hertz.
    public let frequency: UInt32
    /// How the frame was modulated, with its data rate.
    public let modulation: Modulation
    /// Received signal strength in dBm.
    public let rssi: Float
    /// Signal to noise ratio in dB.
    public let snr: Float

    /// A reception from its parts: hertz, dBm and dB.
    public init(frequency: UInt32, modulation: Modulation, rssi: Float, snr: Float) {
        self.frequency = frequency
        self.modulation = modulation
        self.rssi = rssi
        self.snr = snr
    }
}
