// SPDX-License-Identifier: Apache-2.0
internal import LoRaWAN

/// Where a device listens after an uplink.
extension Device {
    /// The windows that an uplink opens under some parameters.
    func windows(
        after uplink: ReceivedRadio,
        dataRate uplinkRate: DataRateIndex?,
        parameters: DeviceParameters,
        openedAt: Int64,
    ) -> (rx1: DownlinkWindow?, rx2: DownlinkWindow?) {
        let dwell = parameters.dwellTime
        var rx1: DownlinkWindow?
        if let uplinkRate,
            let frequency = parameters.channels.rx1Frequency(uplink: uplink.frequency, in: region),
            let dataRate = region.rx1DataRate(
                uplink: uplinkRate,
                offset: parameters.rx1DataRateOffset,
                downlinkDwell: dwell.downlink,
            )
        {
            let window = ReceiveWindow(frequency: frequency, dataRate: dataRate)
            rx1 = region.window(window, delay: parameters.rx1Delay, openedAt: openedAt, dwell: dwell)
        }
        let rx2 = region.window(
            parameters.rx2,
            delay: parameters.rx1Delay + ReceiveTiming.secondWindowOffset,
            openedAt: openedAt,
            dwell: dwell,
        )
        return (rx1, rx2)
    }
}
