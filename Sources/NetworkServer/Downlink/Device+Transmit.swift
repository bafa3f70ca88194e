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

    /// Sends to a device that listens without having sent; the frame is on the air by `onAirAt` on the monotonic clock.
    mutating func transmit(
        _ content: OpenTransmission.Content,
        octets: [UInt8],
        coverage: Int,
        frequency: UInt32,
        modulation: Modulation,
        timing: Transmission.Timing,
        onAirAt: Int64,
        _ desk: inout Desk,
    ) {
        open(
            OpenTransmission(
                id: desk.makeTransaction(slot: slot),
                content: content,
                octets: octets,
                coverage: coverage,
                frequency: frequency,
                modulation: modulation,
                fallback: nil,
                deadline: onAirAt + desk.timing.ranAnswerTimeout,
            ),
            timing: timing,
            &desk,
        )
        busy(until: desk.now.monotonic + desk.timing.classCInterval)
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

    /// Keeps class B and C frames apart from one that was handed over or sent.
    mutating func busy(until moment: Int64) {
        guard deviceClass != .a else { return }
        exchange.change(orMake: Exchange()) { $0.busyUntil = max($0.busyUntil, moment) }
    }
}
