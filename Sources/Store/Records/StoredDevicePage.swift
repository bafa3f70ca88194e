// SPDX-License-Identifier: Apache-2.0
public import LoRaWAN

/// Some neighbouring devices with all that was kept of them.
public struct StoredDevicePage: Sendable {
    /// In the order of DevEUIs as signed numbers.
    public var devices: [StoredDevice] = []
    /// Devices whose rows cannot be read, and why.
    public var unreadable: [(devEUI: EUI64, error: StoreError)] = []

    public init() {}
}
