// SPDX-License-Identifier: Apache-2.0

/// Which way a frame travels; the number is the direction octet of the MIC and cipher blocks (LoRaWAN 1.0.4 section 4.3.3).
public enum FrameDirection: UInt8, Hashable, Sendable {
    /// From the device to the network.
    case up = 0
    /// From the network to the device.
    case down = 1
}
