// SPDX-License-Identifier: Apache-2.0
internal import Concurrency

/// Watches a worker that has not answered yet: processor time of the function that runs, memory, silence.
///
/// A worker that yields to the rest of the machine may be quiet because it has no turn: that is no fault of the function
/// that waits in it.
struct WorkerWatch {
    /// Why a worker must go.
    enum Verdict {
        /// A function ran beyond its limit in code that the watchdog cannot interrupt.
        case timeout
        /// More memory than allowed, in MiB.
        case memory(Int)
        /// Nothing was heard for too long.
        case silent
        /// It had no turn for too long.
        case starved
        /// It ended by itself.
        case ended

        /// A stable word.
        var reason: String {
            switch self {
            case .timeout: "timeout"
            case .memory: "memory"
            case .silent: "silent"
            case .starved: "starved"
            case .ended: "ended"
            }
        }

        /// What the call that ran is told.
        func problem(status: Int32) -> (EnvelopeProblem.Code, String) {
            switch self {
            case .timeout, .silent: (.timeout, "")
            case .starved: (.refused, "the machine had no time left for it")
            case .memory(let used): (.died, "took \(used) MiB of memory and was stopped")
            case .ended where status & 0x7F == 0 && status >> 8 & 0xFF == 80: (.timeout, "")
            case .ended:
                (
                    .died,
                    status & 0x7F != 0 ? "ended by signal \(status & 0x7F)" : "ended with code \(status >> 8 & 0xFF)"
                )
            }
        }
    }

    private let configuration: CodecConfiguration
    private var began = MonotonicTime.now
    private var observed: UInt64?
    private var processorTime = Duration.zero
    /// What the process had used when the wait was seen to be one.
    private var usedBefore: Duration?

    init(configuration: CodecConfiguration) {
        self.configuration = configuration
    }

    /// Begins a wait.
    mutating func begin() {
        began = MonotonicTime.now
        observed = nil
        usedBefore = nil
    }

    /// Looks once; nil while all is well.
    mutating func look(at worker: WorkerProcess?) -> Verdict? {
        guard let worker else { return .ended }
        let used = worker.residentMiB
        if used > configuration.memoryLimitMiB { return .memory(used) }
        let time = worker.processorTime
        let before = usedBefore ?? time
        usedBefore = before
        let page = worker.page
        let now = UInt64(page.runningFrame) << 32 | UInt64(page.runningCall) << 8 | UInt64(page.step)
        if now != observed {
            observed = now
            processorTime = time
        }
        // Where there is little time, the thread that ends an endless loop waits for its turn too.
        let grace = configuration.graceMilliseconds * (worker.yields ? 5 : 1)
        let limit = configuration.timeLimitMilliseconds + grace
        if time - processorTime > .milliseconds(limit) { return .timeout }
        let silence = Duration.milliseconds(configuration.silenceMilliseconds)
        let elapsed = MonotonicTime.now.since(began)
        guard elapsed > silence else { return nil }
        guard time - before < elapsed / 2, worker.isRunnable else { return .silent }
        // One that shares fairly goes on as it can: its functions are measured by what they were given.
        return worker.yields ? .starved : nil
    }
}
