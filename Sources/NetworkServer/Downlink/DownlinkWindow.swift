// SPDX-License-Identifier: Apache-2.0
internal import LoRaWAN

/// A time and place where a device listens after an uplink.
struct DownlinkWindow: Hashable, Sendable {
    /// Seconds after the uplink, 1 to 15.
    let delay: UInt8
    /// When it opens, monotonic nanoseconds.
    let opensAt: Int64
    /// Hertz.
    let frequency: UInt32
    let modulation: Modulation
    let dataRate: DataRateIndex
    /// Octets of FOpts and FRMPayload that fit.
    let capacity: Int
}

extension Region {
    /// A window on a frequency and data rate; nil when the network cannot send so, or not with that delay.
    func window(_ window: ReceiveWindow, delay: UInt8, openedAt: Int64, dwell: DwellTime) -> DownlinkWindow? {
        guard
            delay <= DownlinkWindow.longestDelay,
            let modulation = modulation(of: window.dataRate),
            let capacity = maxPayload(dataRate: window.dataRate, direction: .down, dwell: dwell), capacity > 0
        else { return nil }
        return DownlinkWindow(
            delay: delay,
            opensAt: openedAt + Int64(delay) * Timing.second,
            frequency: window.frequency,
            modulation: modulation,
            dataRate: window.dataRate,
            capacity: capacity,
        )
    }

    /// Octets of the longest payload that any data rate of the region carries down.
    var longestDownlink: Int {
        dataRates.lazy.compactMap { $0 }.filter(\.isDownlink).map { Int($0.maximumPayload) }.max() ?? 0
    }

    /// The highest power in dBm that the plan states for a frequency: of its sub-band, else of the region.
    func power(frequency: UInt32) -> Int {
        let band = subBands.first { $0.frequencies.contains(frequency) && $0.maximumERP != nil }
        return Int((band?.maximumERP ?? maximumEIRP).rounded())
    }
}

extension DownlinkWindow {
    /// The RAN takes no longer delay.
    static let longestDelay: UInt8 = 15
}
