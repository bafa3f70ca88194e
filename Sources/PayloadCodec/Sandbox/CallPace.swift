// SPDX-License-Identifier: Apache-2.0
internal import Concurrency
internal import Glibc

/// Measures how long the calls of a worker take. Calls that run together are only measured as a whole; when that looks
/// slow, the calls of the next frames run one by one, so that each slow one is seen.
struct CallPace {
    /// Frames whose calls run one by one after a slow one was suspected or seen.
    private static let carefulFrames = 8

    private var careful = 0
    /// Microseconds of a call, of late.
    private var average = 20.0
    // Processor time at the last look, and microseconds of the quick calls since.
    private var spent: Int64 = 0
    private var quick: Int64 = 0

    /// Whether calls must run one by one.
    var isCareful: Bool { careful > 0 }

    mutating func beginFrame() {
        careful = max(0, careful - 1)
        spent = CallPace.processorTime
        quick = 0
    }

    /// Microseconds of a call that ran alone. When it was long on the wall clock, what counts is the processor's time, which
    /// costs more to ask for.
    mutating func microseconds(ofCallSince began: MonotonicTime) -> Int64 {
        let elapsed = elapsed(since: began, usual: CodecWorker.slow)
        if elapsed > CodecWorker.slow { careful = CallPace.carefulFrames }
        return elapsed
    }

    /// Microseconds of calls that ran together, and those of them that are more than such calls took of late.
    mutating func microseconds(ofCalls count: Int, since began: MonotonicTime) -> (total: Int64, excess: Int64) {
        let expected = Int64(average * Double(count))
        let usual = CodecWorker.slow + Int64(2 * average * Double(count))
        let elapsed = elapsed(since: began, usual: usual)
        if elapsed > usual { careful = CallPace.carefulFrames }
        average += (min(Double(elapsed) / Double(count), 4 * average) - average) / 16
        return (elapsed, max(0, elapsed - expected))
    }

    private mutating func elapsed(since began: MonotonicTime, usual: Int64) -> Int64 {
        let elapsed = MonotonicTime.now.since(began).wholeNanoseconds / 1000
        guard elapsed > usual else {
            quick += elapsed
            return elapsed
        }
        let total = CallPace.processorTime
        defer { (spent, quick) = (total, 0) }
        return min(elapsed, max(0, (total - spent) / 1000 - quick))
    }

    /// Nanoseconds of processor time of this thread.
    private static var processorTime: Int64 {
        var time = timespec()
        clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
        return Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec)
    }
}
