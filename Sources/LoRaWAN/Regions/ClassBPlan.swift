// SPDX-License-Identifier: Apache-2.0

/// Beacon and ping slot defaults of a region (RP002).
public struct ClassBPlan: Hashable, Sendable {
    /// The data rate of beacons.
    public let beaconDataRate: DataRateIndex
    /// In hertz; with more than one, beacons hop over them.
    public let beaconFrequencies: [UInt32]
    /// The default data rate of ping slots.
    public let pingSlotDataRate: DataRateIndex
    /// In hertz; with more than one, ping slots hop over them.
    public let pingSlotFrequencies: [UInt32]

    /// The beacon's frequency in hertz; `beaconTime` in GPS seconds.
    public func beaconFrequency(beaconTime: UInt32) -> UInt32 {
        beaconFrequencies[Int(beaconTime / 128) % beaconFrequencies.count]
    }

    /// The default frequency in hertz of a device's ping slots in the period of a beacon; `beaconTime` in GPS seconds.
    public func pingSlotFrequency(devAddr: DevAddr, beaconTime: UInt32) -> UInt32 {
        let hop = UInt64(devAddr.rawValue) + UInt64(beaconTime / 128)
        return pingSlotFrequencies[Int(hop % UInt64(pingSlotFrequencies.count))]
    }
}
