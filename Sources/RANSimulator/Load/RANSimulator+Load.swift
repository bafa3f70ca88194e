// SPDX-License-Identifier: Apache-2.0
internal import LoRaWAN

extension RANSimulator {
    /// Puts the devices of a load into the routing table.
    public func subscribe(_ plan: LoadPlan) async throws(SimulatorError) {
        try await call { $0.subscribe(plan) }
    }

    /// Writes messages of a load beforehand, then sends them over the upstream sockets and waits for the replies.
    /// Replies to anything else are not looked at meanwhile.
    ///
    /// - Parameters:
    ///   - messages: their numbers; each number may be used once in the life of the other side's sessions.
    ///   - patience: how long nothing may happen before the load is given up.
    public func load(
        _ plan: LoadPlan,
        messages: Range<Int>,
        pace: LoadPace,
        recorder: any LoadRecorder,
        patience: Duration = .seconds(10),
    ) async throws(SimulatorError) -> LoadOutcome {
        var random = SeededRandom(seed: UInt64(messages.lowerBound))
        let frames = LoadFrames(plan, messages: messages, random: &random)
        let outcome: LoadOutcome? = await withCheckedContinuation { continuation in
            let isPosted = post { simulation in
                simulation.load = LoadRun(
                    frames,
                    pace: pace,
                    recorder: recorder,
                    patience: patience,
                ) { continuation.resume(returning: $0) }
            }
            if !isPosted { continuation.resume(returning: nil) }
        }
        guard let outcome else { throw .notRunning }
        return outcome
    }
}
