// SPDX-License-Identifier: Apache-2.0

/// The ping slots of a device in one beacon period (LoRaWAN 1.0.4 section 13).
public struct PingSlots: Hashable, Sendable {
    /// Seconds from one beacon to the next.
    public static let beaconPeriod: UInt32 = 128
    /// Slots between two beacons.
    public static let slotsPerPeriod = 4096
    /// Length of a slot in milliseconds.
    public static let slotLength = 30
    /// From the beacon's start to the first slot, in milliseconds.
    public static let beaconReserved = 2120

    /// GPS seconds of the beacon that opens the period, a multiple of 128.
    public let beaconTime: UInt32
    /// The first slot of the device, below `period`.
    public let offset: Int
    /// From one slot of the device to its next, in slots.
    public let period: Int

    /// The slots of a device; `periodicity` is 0 to 7 as in PingSlotInfoReq, for 128 slots a period down to one.
    public init(beaconTime: UInt32, devAddr: DevAddr, periodicity: UInt8) {
        precondition(periodicity < 8, "the ping slot periodicity has 3 bits")
        precondition(beaconTime.isMultiple(of: Self.beaconPeriod), "beacons come every 128 s of GPS time")
        self.beaconTime = beaconTime
        period = 32 << Int(periodicity)
        var octets: [UInt8] = []
        octets.appendLittleEndian(beaconTime, count: 4)
        octets.append(devAddr)
        let random = AES128(AES128Key(AESBlock())).encrypt(AESBlock(octets))
        let first = UInt16(truncatingIfNeeded: random.high >> 48).byteSwapped
        offset = Int(first) % period
    }

    /// How many slots the device has in the period.
    public var count: Int { Self.slotsPerPeriod / period }

    /// Milliseconds from the beacon's start to each slot of the device, in order.
    public var millisecondsAfterBeacon: [Int] {
        (0..<count).map { Self.beaconReserved + (offset + $0 * period) * Self.slotLength }
    }

    /// The first slot at or after a moment; nil when the period has none left.
    public func first(notBefore time: GPSTime) -> GPSTime? {
        let start = GPSTime(seconds: beaconTime)
        return millisecondsAfterBeacon.lazy
            .map { GPSTime(nanoseconds: start.nanoseconds + Int64($0) * 1_000_000) }
            .first { $0 >= time }
    }

    /// The beacon time of the period a moment lies in, GPS seconds.
    public static func beaconTime(of time: GPSTime) -> UInt32 {
        time.seconds / beaconPeriod * beaconPeriod
    }
}
