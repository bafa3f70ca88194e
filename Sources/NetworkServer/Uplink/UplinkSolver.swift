// SPDX-License-Identifier: Apache-2.0
internal import LoRaWAN

/// Finds the device that sent a data frame: the one whose key gives a MIC of the challenge.
struct UplinkSolver {
    let frame: DataFrame
    let upstream: UpstreamFrame

    /// A session that may have sent the frame.
    private struct Attempt {
        let slot: Int
        let isPending: Bool
        /// The counter nearest to the last one.
        let counter: UInt32
        let gap: UInt32
    }

    /// The session that sent the frame, and what its counter says.
    struct Solution {
        let slot: Int
        let isPending: Bool
        let counter: UInt32
        let verdict: CounterVerdict
        let mic: MIC
    }

    /// Tries every session with the frame's address, the nearest counter first; then the counters behind the last ones.
    func solve(among slots: [Int], of devices: borrowing DeviceTable) -> Solution? {
        var attempts: [Attempt] = []
        for slot in slots {
            if let session = devices[slot].pending.value { append(session, slot, isPending: true, to: &attempts) }
            if let session = devices[slot].session { append(session, slot, isPending: false, to: &attempts) }
        }
        if attempts.count > 1 { attempts.sort { $0.gap < $1.gap } }
        for attempt in attempts {
            if let mic = matchingMIC(attempt, counter: attempt.counter, devices) {
                let rules = CounterRules(devices[attempt.slot].profile)
                let last = session(of: attempt, devices)?.counterUp
                let verdict = rules.judge(forward: attempt.counter, last: last)
                return solution(attempt, attempt.counter, verdict, mic)
            }
        }
        for attempt in attempts {
            let rules = CounterRules(devices[attempt.slot].profile)
            for counter in rules.backward(from: attempt.counter, received: frame.counter) {
                guard let mic = matchingMIC(attempt, counter: counter, devices) else { continue }
                return solution(attempt, counter, rules.judge(backward: counter, received: frame.counter), mic)
            }
        }
        return nil
    }

    private func append(_ session: Session, _ slot: Int, isPending: Bool, to attempts: inout [Attempt]) {
        guard session.devAddr == frame.devAddr else { return }
        let counter = FrameCounter.candidate(last: session.counterUp, received: frame.counter)
        let gap = counter - (session.counterUp ?? 0)
        attempts.append(Attempt(slot: slot, isPending: isPending, counter: counter, gap: gap))
    }

    private func session(of attempt: Attempt, _ devices: borrowing DeviceTable) -> Session? {
        attempt.isPending ? devices[attempt.slot].pending.value : devices[attempt.slot].session
    }

    private func matchingMIC(_ attempt: Attempt, counter: UInt32, _ devices: borrowing DeviceTable) -> MIC? {
        guard let session = session(of: attempt, devices) else { return nil }
        let profile = devices[attempt.slot].profile
        let region = profile.region
        return session.matchingMIC(
            frame,
            octets: upstream.octets,
            counter: CounterRules(profile).signed(counter),
            sentWith: Session.SentWith(
                dataRate: region.dataRate(of: upstream.radio.modulation) ?? 0,
                channel: UInt8(
                    clamping: session.parameters.channels.index(of: upstream.radio.frequency, in: region) ?? 0
                ),
            ),
            challenge: upstream.challenge,
        )
    }

    private func solution(
        _ attempt: Attempt,
        _ counter: UInt32,
        _ verdict: CounterVerdict,
        _ mic: MIC,
    ) -> Solution {
        Solution(slot: attempt.slot, isPending: attempt.isPending, counter: counter, verdict: verdict, mic: mic)
    }
}
