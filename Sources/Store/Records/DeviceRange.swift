// SPDX-License-Identifier: Apache-2.0
import LoRaWAN

/// A part of the devices, to be read on a thread of its own.
public struct DeviceRange: Hashable, Sendable {
    /// DevEUIs as the table has them: signed.
    let columns: ClosedRange<Int64>

    /// Every device.
    public static let all = DeviceRange(columns: .min ... .max)
}
