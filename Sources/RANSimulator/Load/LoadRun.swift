// SPDX-License-Identifier: Apache-2.0
internal import Concurrency
internal import LoRaWAN

/// A load under way: sends what its pace allows and counts the replies. Lives on the service thread only.
struct LoadRun {
    /// How often the pace is looked at.
    private static let tick: Duration = .milliseconds(1)
    /// How many octets go to a socket at a time.
    private static let batch = 256 << 10

    private let frames: LoadFrames
    private let pace: LoadPace
    private let recorder: any LoadRecorder
    private let start: MonotonicTime
    /// When the replies that are missing are given up, once all is sent.
    private let patience: Duration
    private let finish: @Sendable (LoadOutcome) -> Void
    private var outcome = LoadOutcome()
    private var isAnswered: [Bool]
    private var next: Int
    private var lastProgress: MonotonicTime
    private var buffer: [UInt8] = []

    init(
        _ frames: LoadFrames,
        pace: LoadPace,
        recorder: any LoadRecorder,
        patience: Duration,
        finish: @escaping @Sendable (LoadOutcome) -> Void,
    ) {
        self.frames = frames
        self.pace = pace
        self.recorder = recorder
        self.patience = patience
        self.finish = finish
        start = .now
        lastProgress = start
        next = frames.messages.lowerBound
        isAnswered = [Bool](repeating: false, count: frames.messages.count)
    }

    /// When to look again.
    var nextDeadline: MonotonicTime { MonotonicTime.now.advanced(by: LoadRun.tick) }

    /// Sends what is due. True when the load is over.
    mutating func pump(_ server: WebServer, _ sockets: [WebConnection], turn: inout Int) -> Bool {
        let now = MonotonicTime.now
        var allowed = next
        switch pace {
        case .window(let limit): allowed += max(0, limit - recorder.underWay)
        case .rate(let rate):
            let elapsed = Double(now.since(start).wholeNanoseconds) / 1e9
            allowed = frames.messages.lowerBound + Int(elapsed * rate)
        }
        allowed = min(allowed, frames.messages.upperBound)
        if !sockets.isEmpty {
            turn = (turn + 1) % sockets.count
            send(until: allowed, server, sockets[turn])
        }
        let isComplete = outcome.acked + outcome.refused == frames.messages.count
        guard isComplete || lastProgress.advanced(by: patience) < now else { return false }
        finish(outcome)
        return true
    }

    /// Takes an ack or a reject.
    mutating func note(_ reply: ClientReply) {
        lastProgress = .now
        switch reply {
        case .ack(let transactionID, _, let mic):
            let number = Int(transactionID) - 1
            guard frames.messages.contains(number), number < next else { return }
            let index = number - frames.messages.lowerBound
            guard !isAnswered[index], frames.mics[index] == mic else {
                outcome.refused += 1
                return
            }
            isAnswered[index] = true
            outcome.acked += 1
            recorder.noteAcked(number, at: lastProgress.nanoseconds)
        case .reject: outcome.refused += 1
        }
    }

    mutating func noteUnreadable() { outcome.refused += 1 }

    private mutating func send(until end: Int, _ server: WebServer, _ socket: WebConnection) {
        while next < end {
            buffer.removeAll(keepingCapacity: true)
            var ends: [Int] = []
            var number = next
            while number < end, buffer.count < LoadRun.batch {
                frames.append(number, to: &buffer)
                ends.append(buffer.count)
                number += 1
            }
            // Noted before they are written: an ack may come before the call returns.
            let moment = MonotonicTime.now
            for message in next..<number { recorder.noteSent(message, at: moment.nanoseconds) }
            let written = server.writeFrames(buffer, ends: ends, on: socket)
            next += written
            outcome.sent += written
            if written > 0 { lastProgress = moment }
            if written < ends.count { return }
        }
    }
}

extension Simulation {
    /// Subscribes the devices of a load, as if they had been inserted and heard before.
    func subscribe(_ plan: LoadPlan) {
        let time = APITime(time: UnixTime(nanoseconds: WallClock.nanoseconds))
        for index in 0..<plan.deviceCount where routing.table[plan.devEUI(index)] == nil {
            var row = Subscription(
                devEUI: plan.devEUI(index),
                joinEUI: nil,
                activeDevAddr: plan.devAddr(index),
                details: nil,
                createdAt: time,
                challengeSize: plan.candidates,
            )
            row.lastAcknowledged = .now
            // The table is empty of it, and has no limit in a load test: nothing can be refused.
            _ = try? routing.table.insert(row)
        }
    }

    /// Sends what the load's pace allows.
    func pumpLoad() {
        guard var run = load, let server else { return }
        load = nil
        let isOver = run.pump(server, upstreamSockets, turn: &nextUpstreamSocket)
        if !isOver { load = run }
    }
}
