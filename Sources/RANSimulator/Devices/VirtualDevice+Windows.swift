// SPDX-License-Identifier: Apache-2.0
internal import Concurrency
internal import LoRaWAN

extension VirtualDevice {
    /// How far a transmission may be from the moment a window opens.
    private static let tolerance: Int64 = 20_000_000

    /// The window that a transmission falls into. The error says why there is none.
    func openWindow(
        frequency: UInt64,
        modulation: Modulation,
        at moment: MonotonicTime,
        inPingSlot: Bool,
    ) throws(ReplyError) -> String {
        if inPingSlot, configuration.deviceClass == .b { return "ping slot" }
        var reason = "the device has sent nothing that opens a window"
        for sent in windows.reversed() {
            let (rx1, rx2) = receiveWindows(after: sent)
            for window in [rx1, rx2] {
                guard let listens = window.modulation else { continue }
                let distance = (moment.nanoseconds - window.opens.nanoseconds).magnitude
                guard distance <= UInt64(Double(VirtualDevice.tolerance) * min(1, scale)) else { continue }
                guard window.frequency == frequency else {
                    reason = "\(window.name) listens on \(window.frequency) Hz, the frame came on \(frequency) Hz"
                    continue
                }
                guard listens == modulation else {
                    reason = "\(window.name) listens at \(listens), the frame came at \(modulation)"
                    continue
                }
                return window.name
            }
            if reason.hasPrefix("the device") {
                let after = Double(moment.since(sent.end).wholeNanoseconds) / 1e9
                reason = "the frame came \(after) s after the uplink, when no window is open"
            }
        }
        guard configuration.deviceClass == .c, let session else { throw ReplyError(sentence: reason) }
        guard frequency == session.rx2Frequency else {
            throw ReplyError(sentence: "class C listens on \(session.rx2Frequency) Hz, the frame came on \(frequency) Hz")
        }
        guard modulation == plan.modulation(dataRate: session.rx2DataRate) else {
            throw ReplyError(sentence: "class C listens at data rate \(session.rx2DataRate), the frame came at \(modulation)")
        }
        return "RX2"
    }

    private struct Window {
        var name: String
        var opens: MonotonicTime
        var frequency: UInt64
        var modulation: Modulation?
    }

    private func receiveWindows(after sent: Transmission) -> (Window, Window) {
        var delay = Int64(5)
        var offset: UInt8 = 0
        var rx2Frequency = plan.rx2Frequency
        var rx2DataRate = plan.rx2DataRate
        if case .data = sent.kind, let session {
            delay = Int64(session.rx1Delay)
            offset = session.rx1Offset
            rx2Frequency = session.rx2Frequency
            rx2DataRate = session.rx2DataRate
        }
        let rx1 = Window(
            name: "RX1",
            opens: sent.end.advanced(by: Duration.seconds(delay).scaled(by: scale)),
            frequency: plan.rx1Frequency(uplink: sent.frequency),
            modulation: plan.modulation(dataRate: plan.rx1DataRate(uplink: sent.dataRate, offset: offset)),
        )
        let rx2 = Window(
            name: "RX2",
            opens: sent.end.advanced(by: Duration.seconds(delay + 1).scaled(by: scale)),
            frequency: rx2Frequency,
            modulation: plan.modulation(dataRate: rx2DataRate),
        )
        return (rx1, rx2)
    }
}
