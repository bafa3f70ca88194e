// SPDX-License-Identifier: Apache-2.0
internal import LoRaWAN

/// Class C: the device listens on its RX2 parameters whenever it does not send.
extension Device {
    /// Sends the next downlink without waiting for an uplink, if the device listens and nothing else is under way.
    mutating func sendUnprompted(_ desk: inout Desk) {
        guard let due = unpromptedDeadline(desk), due <= desk.now.monotonic, let session else { return }
        while let index = queue.nextIndex(at: desk.now.wall) {
            let window = ReceiveWindow(
                frequency: session.radio.rx2Frequency,
                dataRate: session.radio.rx2DataRate,
            )
            let size = queue[index].item.payload.count
            let limit = region.maxPayload(dataRate: window.dataRate, direction: .down) ?? 0
            guard let modulation = region.modulation(of: window.dataRate), size <= limit else {
                fail(at: index, .payloadTooLong(size: size, limit: limit), &desk)
                continue
            }
            guard let built = buildFrame(item: index, opportunity: nil, &desk) else { continue }
            return transmitNow(
                built.content,
                octets: built.octets,
                coverage: session.coverage.map(Int.init) ?? profile.coverage,
                frequency: window.frequency,
                modulation: modulation,
                &desk,
            )
        }
    }

    /// When the next class C frame may go, monotonic nanoseconds; nil when there is none or it waits for something else.
    func unpromptedDeadline(_ desk: borrowing Desk) -> Int64? {
        guard profile.deviceClass == .c, session != nil, !queue.isEmpty, !awaitsOpportunity else { return nil }
        guard exchange.value?.transmissions.contains(where: { $0.item != nil }) != true else { return nil }
        guard let held = queue.heldUntil(at: desk.now) else { return nil }
        return max(held, exchange.value?.busyUntil ?? held)
    }
}
