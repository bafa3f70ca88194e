// SPDX-License-Identifier: Apache-2.0
internal import LoRaWAN

/// Class B: the next ping slots of a device or a multicast group.
struct PingSchedule {
    let address: DevAddr
    /// 0 to 7.
    let periodicity: UInt8
    let parameters: PingSlotParameters
    let region: Region

    /// The RAN takes no more times than these.
    static let maximumSlots = 8

    /// The next slots on one frequency, as GPS milliseconds, and the last one on the monotonic clock.
    func next(
        after now: Moment,
        lead: Int64,
    ) -> (window: ReceiveWindow, timing: Transmission.Timing, until: Int64)? {
        let earliest = GPSTime(nanoseconds: GPSTime(now.wall).nanoseconds + lead)
        var beaconTime = PingSlots.beaconTime(of: earliest)
        var slots: [UInt64] = []
        var frequency: UInt32?
        // Every period has a slot, so two periods always have one left.
        for _ in 0..<2 {
            let here = parameters.frequency ?? region.classB.pingSlotFrequency(devAddr: address, beaconTime: beaconTime)
            if let frequency, frequency != here { break }
            let period = PingSlots(beaconTime: beaconTime, devAddr: address, periodicity: periodicity)
            let start = Int64(beaconTime) * 1000
            for offset in period.millisecondsAfterBeacon where slots.count < Self.maximumSlots {
                let slot = start + Int64(offset)
                if slot * 1_000_000 >= earliest.nanoseconds { slots.append(UInt64(slot)) }
            }
            if !slots.isEmpty { frequency = here }
            beaconTime += PingSlots.beaconPeriod
        }
        guard let frequency, let last = slots.last else { return nil }
        let wait = Int64(last) * 1_000_000 - GPSTime(now.wall).nanoseconds
        return (
            ReceiveWindow(frequency: frequency, dataRate: parameters.dataRate ?? region.classB.pingSlotDataRate),
            .gpsMilliseconds(slots),
            now.monotonic + wait
        )
    }
}
