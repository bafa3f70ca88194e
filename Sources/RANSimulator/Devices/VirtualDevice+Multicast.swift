// SPDX-License-Identifier: Apache-2.0
internal import LoRaWAN

extension VirtualDevice {
    /// Hears a frame to a multicast group; only class C devices that hold the group's keys understand it.
    mutating func receiveMulticast(_ request: DownstreamRequest, address: DevAddr) -> Reception {
        guard let group = configuration.multicast.first(where: { $0.address == address }) else {
            return missed("the device does not know group \(address)")
        }
        guard configuration.deviceClass == .c, let session else { return missed("the device is not listening") }
        let rx2 = session.radio.rx2
        guard request.frequency == UInt64(rx2.frequency), request.modulation == region.modulation(of: rx2.dataRate)
        else { return missed("the device listens on other radio parameters") }
        guard case .data(let frame, let mic)? = try? DownlinkFrame(parsing: request.phyPayload),
            frame.devAddr == address
        else { return missed("the frame is not one of the group") }
        let counter = FrameCounter.candidate(last: multicastCounters[address], received: frame.counter)
        let octets = Array(request.phyPayload.dropLast(MIC.length))
        guard MIC.dataDownlink10(key: group.nwkSKey, devAddr: address, counter: counter, octets: octets) == mic else {
            return missed("the MIC is wrong for FCntDown \(counter)")
        }
        if let last = multicastCounters[address], counter <= last {
            return missed("FCntDown \(counter) was used before")
        }
        multicastCounters[address] = counter
        let payload = FRMPayloadCipher.apply(
            key: group.appSKey,
            direction: .down,
            devAddr: address,
            counter: counter,
            payload: frame.payload,
        )
        let downlink = DeviceReport.Downlink(
            fCntDown: counter,
            port: frame.port,
            payload: payload,
            isConfirmed: false,
            isAck: false,
            session: report.joins,
            window: "multicast",
            options: frame.options,
        )
        keep(downlink)
        return .received(downlink)
    }
}
