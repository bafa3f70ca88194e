// SPDX-License-Identifier: Apache-2.0
internal import LoRaWAN

/// The two receive windows that one uplink opens, and what is owed to the device in them.
struct ReceiveOpportunity: Sendable {
    /// When the first copy of the uplink came, monotonic nanoseconds.
    let openedAt: Int64
    /// Index of the coverage that heard it.
    let coverage: Int
    /// The uplink's port: a downlink that names none takes it.
    let port: UInt8?
    /// The counter of a confirmed uplink, which the answer acknowledges.
    let confirmedCounter: UInt32?
    /// The device wants any answer (ADRACKReq).
    let wantsAnswer: Bool
    /// The device lets the network set its data rate.
    let isADR: Bool
    /// MAC commands that are to be answered in these windows.
    let requests: [UplinkMACCommand]
    /// The uplink that opened the windows.
    let uplink: UplinkID
    /// When the first copy came.
    let receivedAt: UnixTime
    /// The SNR that the uplink's modulation needs, dB.
    let requiredSNR: Double?
    /// dB, of all copies so far.
    var bestSNR: Float
    /// Copies so far.
    var receptions = 1
    let rx1: DownlinkWindow?
    let rx2: DownlinkWindow?
    var state: State

    enum State: Hashable, Sendable {
        /// The answer is built then, monotonic nanoseconds.
        case waiting(until: Int64)
        /// Nothing to say so far; a downlink that comes early enough still goes out.
        case listening
        /// The answer is with the RAN.
        case answered
    }

    /// Whether a frame goes out even without payload.
    var owesAnswer: Bool { confirmedCounter != nil || wantsAnswer || !requests.isEmpty }

    /// What LinkCheckAns tells: whole dB above what could just be heard, 0 to 254.
    var margin: UInt8 {
        guard let requiredSNR, bestSNR.isFinite else { return 0 }
        return UInt8(max(0, min(254, (Double(bestSNR) - requiredSNR).rounded(.down))))
    }

    /// The data rate of the window that carries most.
    var widest: DataRateIndex? {
        guard let rx1, let rx2 else { return (rx1 ?? rx2)?.dataRate }
        return rx1.capacity >= rx2.capacity ? rx1.dataRate : rx2.dataRate
    }

    /// Another gateway heard the uplink.
    mutating func note(_ copy: ReceivedRadio) {
        receptions += 1
        bestSNR = max(bestSNR, copy.snr)
    }

    /// The windows that a frame handed over at a moment still reaches.
    func reachable(at now: Int64, _ timing: Timing) -> (rx1: DownlinkWindow?, rx2: DownlinkWindow?) {
        func isReachable(_ window: DownlinkWindow) -> Bool { now + timing.sendLead <= window.opensAt }
        return (rx1.flatMap { isReachable($0) ? $0 : nil }, rx2.flatMap { isReachable($0) ? $0 : nil })
    }

    /// When something happens by itself: the answer is due, or the last window is out of reach.
    func deadline(_ timing: Timing) -> Int64 {
        switch state {
        case .waiting(let until): until
        case .listening, .answered: closesAt(timing)
        }
    }

    /// Whether the answer is to be built.
    func isDue(at now: Int64) -> Bool {
        if case .waiting(let until) = state { until <= now } else { false }
    }

    /// The first moment at which no window is in reach.
    func closesAt(_ timing: Timing) -> Int64 {
        let last = max(rx1?.opensAt ?? openedAt, rx2?.opensAt ?? openedAt)
        return max(openedAt, last - timing.sendLead) + 1
    }
}
