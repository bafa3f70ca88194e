// SPDX-License-Identifier: Apache-2.0
internal import LoRaWAN

/// Finds the device that sent a data frame: the one whose key gives a MIC of the challenge.
enum UplinkSolver {
    /// A session that may have sent the frame.
    fileprivate struct Attempt {
        let slot: Int
        let isPending: Bool
        /// The counter nearest to the last one.
        let counter: UInt32
        let gap: UInt32

        init(_ slot: Int, isPending: Bool, last: UInt32?, received: UInt16) {
            self.slot = slot
            self.isPending = isPending
            counter = FrameCounter.candidate(last: last, received: received)
            gap = counter - (last ?? 0)
        }
    }

    /// The session that sent the frame, and what its counter says.
    struct Solution {
        let slot: Int
        let isPending: Bool
        let counter: UInt32
        let verdict: CounterVerdict
        let mic: MIC
        /// LoRaWAN 1.1: the low 16 bits of the counter of the downlink that the frame's ACK confirms.
        let confirms: UInt16?
        /// In the region of the device; nil for a modulation that is not in its table.
        let dataRate: DataRateIndex?
    }

    /// Tries every session with the frame's address, the nearest counter first; then the counters behind the last ones.
    static func solve(
        _ frame: DataFrame,
        _ upstream: UpstreamFrame,
        among slots: [Int],
        of devices: borrowing DeviceTable,
    ) -> Solution? {
        var attempts: [Attempt] = []
        for slot in slots {
            devices.read(slot) { $0.appendAttempts(at: frame, slot: slot, to: &attempts) }
        }
        if attempts.count > 1 { attempts.sort { $0.gap < $1.gap } }
        for attempt in attempts {
            let solution = devices.read(attempt.slot) { $0.solve(attempt, counter: attempt.counter, frame, upstream) }
            if let solution { return solution }
        }
        for attempt in attempts {
            let rules = CounterRules(devices[attempt.slot].profile)
            for counter in rules.backward(from: attempt.counter, received: frame.counter) {
                let solution = devices.read(attempt.slot) { $0.solve(attempt, counter: counter, frame, upstream) }
                if let solution { return solution }
            }
        }
        return nil
    }
}

/// A session's key fits.
private struct Match {
    let mic: MIC
    let confirms: UInt16?
    let last: UInt32?
    /// The MIC is the last one's too.
    let isSameFrame: Bool
}

extension Device {
    /// Adds the sessions that have the frame's address.
    fileprivate func appendAttempts(at frame: DataFrame, slot: Int, to attempts: inout [UplinkSolver.Attempt]) {
        if let (devAddr, last) = pending.read({ ($0.devAddr, $0.counterUp) }), devAddr == frame.devAddr {
            attempts.append(UplinkSolver.Attempt(slot, isPending: true, last: last, received: frame.counter))
        }
        if let (devAddr, last) = current.read({ ($0.devAddr, $0.counterUp) }), devAddr == frame.devAddr {
            attempts.append(UplinkSolver.Attempt(slot, isPending: false, last: last, received: frame.counter))
        }
    }

    /// Tries one counter of a session.
    fileprivate func solve(
        _ attempt: UplinkSolver.Attempt,
        counter: UInt32,
        _ frame: DataFrame,
        _ upstream: UpstreamFrame,
    ) -> UplinkSolver.Solution? {
        let rules = CounterRules(profile)
        let signed = rules.signed(counter)
        let (region, dataRate) = (region, region.dataRate(of: upstream.radio.modulation))
        let found = (attempt.isPending ? pending : current).read { session -> Match? in
            let match = session.matchingMIC(frame, upstream, counter: signed, dataRate: dataRate, region: region)
            guard let (mic, confirms) = match else { return nil }
            let isSameFrame = session.lastTrace.map { $0 == session.trace(of: mic) } ?? true
            return Match(mic: mic, confirms: confirms, last: session.counterUp, isSameFrame: isSameFrame)
        }
        guard let found, let match = found else { return nil }
        return UplinkSolver.Solution(
            slot: attempt.slot,
            isPending: attempt.isPending,
            counter: counter,
            verdict: counter == attempt.counter
                ? rules.judge(forward: counter, last: match.last, isSameFrame: match.isSameFrame)
                : rules.judge(backward: counter, received: frame.counter),
            mic: match.mic,
            confirms: match.confirms,
            dataRate: dataRate,
        )
    }
}
