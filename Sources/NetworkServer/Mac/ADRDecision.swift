// SPDX-License-Identifier: Apache-2.0
internal import LoRaWAN

/// Data rate, power and repetitions that a device shall use.
struct ADRDecision: Hashable, Sendable {
    var dataRate: DataRateIndex
    var powerIndex: UInt8
    var transmissions: UInt8

    /// What the algorithm must stay within.
    struct Limits: Hashable, Sendable {
        var dataRates: ClosedRange<DataRateIndex>
        var lastPowerIndex: UInt8
        /// dB above what a data rate needs at least.
        var margin: Double
    }

    /// Steps of 3 dB: first a higher data rate, then less power; too little margin gives power back.
    ///
    /// Never a lower data rate: that the device does by itself when nobody hears it.
    static func decide(from current: ADRDecision, history: ADRHistory, required: Double, limits: Limits) -> ADRDecision
    {
        guard let best = history.bestSNR else { return current }
        var decision = current
        var steps = Int(((best - required - limits.margin) / 3).rounded(.towardZero))
        while steps > 0 {
            if limits.dataRates.contains(decision.dataRate), decision.dataRate < limits.dataRates.upperBound {
                decision.dataRate += 1
            } else if decision.powerIndex < limits.lastPowerIndex {
                decision.powerIndex += 1
            } else {
                break
            }
            steps -= 1
        }
        while steps < 0, decision.powerIndex > 0 {
            decision.powerIndex -= 1
            steps += 1
        }
        decision.transmissions = transmissions(current: current.transmissions, lossRate: history.lossRate)
        return decision
    }

    /// Rows: losses below 5 %, 10 %, 30 %, and more. Columns: 1, 2, 3 transmissions so far.
    private static let transmissionsByLoss: [[UInt8]] = [[1, 1, 2], [1, 2, 3], [2, 3, 3], [3, 3, 3]]

    private static func transmissions(current: UInt8, lossRate: Double) -> UInt8 {
        let row = lossRate < 0.05 ? 0 : lossRate < 0.1 ? 1 : lossRate < 0.3 ? 2 : 3
        return transmissionsByLoss[row][Int(min(max(current, 1), 3)) - 1]
    }
}
