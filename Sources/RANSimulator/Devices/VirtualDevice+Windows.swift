// SPDX-License-Identifier: Apache-2.0
internal import Concurrency
internal import LoRaWAN

extension VirtualDevice {
    /// How far a transmission may be from the moment a window opens.
    private static let tolerance: Int64 = 20_000_000

    /// The window that a transmission falls into, and the index of the uplink that opened it. The error says why there
    /// is none.
    func openWindow(
        frequency: UInt64,
        modulation: Modulation,
        at moment: MonotonicTime,
        pingSlot: GPSTime?,
    ) throws(ReplyError) -> (name: String, index: Int?) {
        if let pingSlot { return (try pingWindow(frequency: frequency, modulation: modulation, at: pingSlot), nil) }
        var reason = "the device has sent nothing that opens a window"
        for (index, sent) in windows.enumerated().reversed() {
            for window in receiveWindows(after: sent) {
                guard let listens = window.modulation else { continue }
                let distance = (moment.nanoseconds - window.opens.nanoseconds).magnitude
                guard distance <= UInt64(Double(VirtualDevice.tolerance) * min(1, scale)) else { continue }
                guard UInt64(window.frequency) == frequency else {
                    reason = "\(window.name) listens on \(window.frequency) Hz, the frame came on \(frequency) Hz"
                    continue
                }
                guard listens == modulation else {
                    reason = "\(window.name) listens at \(listens), the frame came at \(modulation)"
                    continue
                }
                return (window.name, index)
            }
            if reason.hasPrefix("the device") {
                let after = Double(moment.since(sent.end).wholeNanoseconds) / 1e9
                reason = "the frame came \(after) s after the uplink, when no window is open"
            }
        }
        guard configuration.deviceClass == .c, let session else { throw ReplyError(sentence: reason) }
        let rx2 = session.radio.rx2
        guard frequency == UInt64(rx2.frequency) else {
            throw ReplyError(sentence: "class C listens on \(rx2.frequency) Hz, the frame came on \(frequency) Hz")
        }
        guard modulation == region.modulation(of: rx2.dataRate) else {
            throw ReplyError(sentence: "class C listens at data rate \(rx2.dataRate), the frame came at \(modulation)")
        }
        return ("RX2", nil)
    }

    private struct Window {
        var name: String
        var opens: MonotonicTime
        var frequency: UInt32
        var modulation: Modulation?
    }

    private func receiveWindows(after sent: Transmission) -> [Window] {
        var radio = bootRadio
        var delay = VirtualDevice.joinAcceptDelay
        switch sent.kind {
        case .joinRequest: break
        case .rejoinRequest: radio = session?.radio ?? bootRadio
        case .data:
            radio = session?.radio ?? bootRadio
            delay = Int64(radio.rx1Delay)
        }
        var windows: [Window] = []
        if let rx1 = radio.rx1(channel: sent.channel, dataRate: sent.dataRate, offset: radio.rx1Offset) {
            windows.append(window("RX1", rx1, opens: sent.end, after: delay))
        }
        windows.append(window("RX2", radio.rx2, opens: sent.end, after: delay + 1))
        return windows
    }

    private func window(_ name: String, _ parameters: ReceiveWindow, opens end: MonotonicTime, after delay: Int64)
        -> Window
    {
        Window(
            name: name,
            opens: end.advanced(by: Duration.seconds(delay).scaled(by: scale)),
            frequency: parameters.frequency,
            modulation: region.modulation(of: parameters.dataRate),
        )
    }

    /// A frame of class B is heard in a ping slot of the device's own.
    private func pingWindow(frequency: UInt64, modulation: Modulation, at time: GPSTime) throws(ReplyError) -> String {
        guard configuration.deviceClass == .b, let session, session.hasPingSlots else {
            throw ReplyError(sentence: "the device is not in class B")
        }
        let beacon = PingSlots.beaconTime(of: time)
        let slots = PingSlots(beaconTime: beacon, devAddr: session.devAddr, periodicity: configuration.pingPeriodicity)
        guard slots.first(notBefore: time)?.nanoseconds == time.nanoseconds else {
            throw ReplyError(sentence: "the frame came in no ping slot of the device")
        }
        let plan = region.classB
        let parameters =
            session.radio.pingSlot
            ?? ReceiveWindow(
                frequency: plan.pingSlotFrequency(devAddr: session.devAddr, beaconTime: beacon),
                dataRate: plan.pingSlotDataRate,
            )
        guard UInt64(parameters.frequency) == frequency, region.modulation(of: parameters.dataRate) == modulation else {
            throw ReplyError(
                sentence: "the ping slot listens on \(parameters.frequency) Hz at data rate \(parameters.dataRate)"
            )
        }
        return "ping slot"
    }
}
