// SPDX-License-Identifier: Apache-2.0
internal import Concurrency
internal import Observability
internal import Synchronization

/// Spreads applications over lanes and moves those that overstep to the last one, the lane for such.
///
/// An application changes its lane only when nothing of it waits in the old one, or through that one: so its results keep
/// their order.
final class LaneRouter: Sendable {
    private struct Record {
        /// Calls in the application's ordinary lane, and in the lane for those that overstep.
        var ordinary = 0
        var penalty = 0
        /// Nanoseconds on the monotonic clock until which it is penalized.
        var penalizedUntil: Int64 = 0
        var strikes = 0
        /// Processor time beyond the ordinary, in microseconds, leaking away over time.
        var charge = 0.0
        var chargedAt: Int64 = 0
        /// Workers that it cost of late, when the last, and until when its calls are refused for that.
        var losses = 0
        var lostAt: Int64 = 0
        var suspendedUntil: Int64 = 0
    }

    private struct State {
        var records: [String: Record] = [:]
        var penalized = 0
    }

    /// Where a call goes.
    enum Route {
        case ordinary(Int)
        case penalty(Room)
        /// Nothing of the application waits anywhere.
        case immediate
    }

    /// What the lane for those that overstep still takes of one application, so that it leaves room for others there.
    enum Room {
        case enough
        /// Calls are refused, in their turn.
        case crowded
        /// Calls are refused, in their turn: the application cost too many workers.
        case suspended
        /// Calls are refused at once.
        case none
    }

    /// What a suspended application's calls are told.
    static let suspension = "it is suspended for a while because it cost several worker processes"

    /// Ordinary lanes.
    let laneCount: Int
    private let penaltyNanoseconds: Int64
    private let state = Mutex(State())
    private let moves = Atomic<UInt64>(0)
    private let metrics: CodecMetrics
    private static let chargeLimit = 100_000.0
    private static let leak = 0.2
    private static let recordLimit = 65536
    /// The longest suspension, in seconds.
    private static let longestSuspension: Int64 = 64

    init(laneCount: Int, penaltySeconds: Int, metrics: CodecMetrics) {
        self.laneCount = laneCount
        penaltyNanoseconds = Int64(penaltySeconds) * 1_000_000_000
        self.metrics = metrics
    }

    /// Counts calls of an application in and says to which lane.
    ///
    /// - Parameter isAnswered: the answer is known and only its turn matters.
    func admit(_ application: String, count: Int, isAnswered: Bool) -> Route {
        state.withLock { state in
            var record = state.records[application] ?? Record()
            if isAnswered, record.ordinary == 0, record.penalty == 0 { return .immediate }
            if record.penalizedUntil > 0, record.ordinary == 0 {
                let now = MonotonicTime.now.nanoseconds
                if record.penalty > 0 || record.penalizedUntil > now {
                    let room = LaneRouter.room(for: record, at: now)
                    record.penalty += count
                    state.records[application] = record
                    return .penalty(room)
                }
                record.penalizedUntil = 0
                state.penalized -= 1
                metrics.penalized.set(state.penalized)
            }
            record.ordinary += count
            state.records[application] = record
            return .ordinary(Int(UInt(bitPattern: application.hashValue) % UInt(laneCount)))
        }
    }

    private static func room(for record: Record, at now: Int64) -> Room {
        switch record.penalty {
        case 1024...: .none
        case _ where record.suspendedUntil > now: .suspended
        case ..<64: .enough
        default: .crowded
        }
    }

    /// Counts calls out that were delivered.
    func finish(_ application: String, count: Int, isPenalty: Bool) {
        state.withLock { state in
            guard var record = state.records[application] else { return }
            if isPenalty { record.penalty -= count } else { record.ordinary -= count }
            let isIdle = record.ordinary == 0 && record.penalty == 0
            let isClean = record.penalizedUntil == 0 && record.charge == 0 && record.strikes == 0
            if isIdle, isClean || state.records.count > LaneRouter.recordLimit {
                if record.penalizedUntil > 0 { state.penalized -= 1 }
                state.records[application] = nil
            } else {
                state.records[application] = record
            }
        }
    }

    /// Grows whenever an application is moved to the lane for those that overstep.
    var penalties: UInt64 { moves.load(ordering: .relaxed) }

    /// Whether any application is penalized: then lanes look at each of theirs.
    var hasPenalized: Bool { state.withLock { $0.penalized > 0 } }

    /// Whether calls of this application must leave their ordinary lane.
    func isPenalized(_ application: String) -> Bool {
        state.withLock { ($0.records[application]?.penalizedUntil ?? 0) > 0 }
    }

    /// Counts a call over from the ordinary lane to the one for those that overstep, and says what that still takes.
    func forward(_ application: String) -> Room {
        state.withLock { state in
            var record = state.records[application] ?? Record()
            let room = LaneRouter.room(for: record, at: MonotonicTime.now.nanoseconds)
            record.ordinary -= 1
            record.penalty += 1
            state.records[application] = record
            return room
        }
    }

    /// Whether calls of this application are refused because it cost too many workers.
    func isSuspended(_ application: String) -> Bool {
        state.withLock { ($0.records[application]?.suspendedUntil ?? 0) > MonotonicTime.now.nanoseconds }
    }

    /// Counts a worker that an application cost. Each one after the first suspends it for twice as long as the last, because
    /// starting another takes time from everybody.
    ///
    /// - Returns: for how many seconds its calls are refused; nil for the first loss after a quiet time.
    func countLoss(_ application: String) -> Int? {
        state.withLock { state in
            var record = state.records[application] ?? Record()
            defer { state.records[application] = record }
            let now = MonotonicTime.now.nanoseconds
            if now - max(record.lostAt, record.suspendedUntil) > penaltyNanoseconds { record.losses = 0 }
            record.lostAt = now
            record.losses += 1
            guard record.losses > 1 else { return nil }
            let seconds = min(LaneRouter.longestSuspension, 1 << Int64(min(record.losses - 2, 6)))
            record.suspendedUntil = now + seconds * 1_000_000_000
            metrics.suspensions.add()
            return Int(seconds)
        }
    }

    /// Charges an application for a slow call; true when this moves it to the lane for those that overstep.
    ///
    /// - Parameter microseconds: processor time of the call, or nil when it cost a worker.
    func charge(_ application: String, microseconds: UInt32?) -> Bool {
        state.withLock { state in
            var record = state.records[application] ?? Record()
            let now = MonotonicTime.now.nanoseconds
            let leaked = Double(now - record.chargedAt) / 1000 * LaneRouter.leak
            record.charge = max(0, record.charge - leaked) + (microseconds.map { Double($0) } ?? LaneRouter.chargeLimit)
            record.chargedAt = now
            guard record.charge >= LaneRouter.chargeLimit else {
                state.records[application] = record
                return false
            }
            record.charge = 0
            let isMove = record.penalizedUntil == 0
            if isMove {
                record.strikes += 1
                state.penalized += 1
                metrics.penalties.add()
                moves.add(1, ordering: .relaxed)
                metrics.penalized.set(state.penalized)
            }
            record.penalizedUntil = now + penaltyNanoseconds << Int64(min(6, record.strikes - 1))
            state.records[application] = record
            return isMove
        }
    }
}
