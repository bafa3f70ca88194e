// SPDX-License-Identifier: Apache-2.0
internal import LoRaWAN

/// Handing frames to the RAN.
extension Device {
    /// Sends in a window after the last uplink; the second window is kept for a second try.
    mutating func transmit(
        _ content: OpenTransmission.Content,
        octets: [UInt8],
        coverage: Int,
        window: DownlinkWindow,
        fallback: DownlinkWindow?,
        _ desk: inout Desk,
    ) {
        open(
            OpenTransmission(
                id: desk.makeTransaction(slot: slot),
                content: content,
                octets: octets,
                coverage: coverage,
                frequency: window.frequency,
                modulation: window.modulation,
                fallback: fallback,
                deadline: window.opensAt + desk.timing.ranAnswerTimeout,
            ),
            timing: .delay(seconds: window.delay),
            &desk,
        )
        busy(until: window.opensAt + desk.timing.classCInterval)
    }

    /// Sends now to a device that always listens.
    mutating func transmitNow(
        _ content: OpenTransmission.Content,
        octets: [UInt8],
        coverage: Int,
        frequency: UInt32,
        modulation: Modulation,
        _ desk: inout Desk,
    ) {
        let now = desk.now.monotonic
        open(
            OpenTransmission(
                id: desk.makeTransaction(slot: slot),
                content: content,
                octets: octets,
                coverage: coverage,
                frequency: frequency,
                modulation: modulation,
                fallback: nil,
                deadline: now + desk.timing.ranAnswerTimeout,
            ),
            timing: .immediately,
            &desk,
        )
        busy(until: now + desk.timing.classCInterval)
    }

    private mutating func open(_ open: OpenTransmission, timing: Transmission.Timing, _ desk: inout Desk) {
        let targetDevAddr: DevAddr?
        if case .joinAccept(let address) = open.content { targetDevAddr = address } else { targetDevAddr = nil }
        exchange.change(orMake: Exchange()) { $0.transmissions.append(open) }
        desk.effects.append(
            .transmit(
                Transmission(
                    transactionID: open.id,
                    coverage: open.coverage,
                    target: .device(devEUI, targetDevAddr: targetDevAddr),
                    timing: timing,
                    frequency: open.frequency,
                    modulation: open.modulation,
                    octets: open.octets,
                )
            )
        )
    }

    /// Keeps class C frames apart from the one just handed over.
    private mutating func busy(until moment: Int64) {
        guard profile.deviceClass == .c else { return }
        exchange.change(orMake: Exchange()) { $0.busyUntil = max($0.busyUntil, moment) }
    }
}
