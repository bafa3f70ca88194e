// SPDX-License-Identifier: Apache-2.0
internal import JSON
internal import Concurrency
internal import LoRaWAN
internal import RANClient
internal import Synchronization

/// Prints upstream messages on the sockets' threads and answers every one of them.
final class FramePrinter: Sendable {
    private struct State {
        var left: Int?
        var hasHeading = false
    }

    private let keys: KeyRing
    private let isJSON: Bool
    private let state: Mutex<State>
    private let enough: @Sendable () -> Void

    /// - Parameters:
    ///   - keys: prove frames, which are then acked.
    ///   - limit: how many messages are shown; nil for all.
    ///   - enough: called once, when the last of them was shown.
    init(keys: KeyRing, isJSON: Bool, limit: Int?, enough: @escaping @Sendable () -> Void) {
        self.keys = keys
        self.isJSON = isJSON
        self.enough = enough
        state = Mutex(State(left: limit))
    }

    /// Blocks while standard output does, which holds the RAN back.
    func take(_ batch: UpstreamBatch) {
        let now = UnixTime(nanoseconds: WallClock.nanoseconds)
        var frames: [HeardFrame] = []
        var replies: [UpstreamReply] = []
        for message in batch.messages {
            var frame = HeardFrame(message, at: now)
            if let octets = frame.frame, let proof = keys.solve(message, octets) {
                frame.provedBy = proof.devEUI
                replies.append(.ack(transactionID: message.transactionID, devEUI: proof.devEUI, mic: proof.mic))
            } else {
                let words = "shown by ran listen, not processed"
                replies.append(.reject(transactionID: message.transactionID, code: .other, message: words))
            }
            frames.append(frame)
        }
        show(frames)
        batch.source.send(replies)
    }

    private func show(_ frames: [HeardFrame]) {
        let isOver = state.withLock { state in
            if state.left == 0 { return false }
            let shown = frames.prefix(state.left ?? .max)
            var lines = shown.map { isJSON ? $0.json.jsonText : $0.line }
            if !isJSON, !state.hasHeading {
                lines.insert(HeardFrame.heading, at: 0)
                state.hasHeading = true
            }
            // Under the lock, so that lines of two sockets do not mix.
            Console.print(lines.joined(separator: "\n"))
            state.left? -= shown.count
            return state.left == 0
        }
        if isOver { enough() }
    }
}
