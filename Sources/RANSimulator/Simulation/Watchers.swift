// SPDX-License-Identifier: Apache-2.0
internal import Concurrency

/// Tasks that wait for the report to look a certain way.
struct Watchers {
    private struct Watcher {
        var deadline: MonotonicTime
        var isSatisfied: @Sendable (SimulatorReport) -> Bool
        var answer: CheckedContinuation<Bool, Never>
    }

    /// Whether anything happened since the last look.
    var hasNews = true
    /// Whether a look is planned already.
    var isPlanned = false
    /// Looks are at least that far apart. A report copies every device's: with many of them looks become rarer, so that
    /// they take a twentieth of the time at most.
    private(set) var pause: Duration = .milliseconds(5)
    private(set) var lastLook = MonotonicTime(nanoseconds: 0)
    private var watchers: [Watcher] = []

    var isEmpty: Bool { watchers.isEmpty }

    /// The moment at which the first wait ends in any case.
    var earliestDeadline: MonotonicTime? { watchers.map(\.deadline).min() }

    mutating func add(
        until deadline: MonotonicTime,
        _ isSatisfied: @escaping @Sendable (SimulatorReport) -> Bool,
        _ answer: CheckedContinuation<Bool, Never>,
    ) {
        watchers.append(Watcher(deadline: deadline, isSatisfied: isSatisfied, answer: answer))
        hasNews = true
    }

    /// Answers those whose condition holds or whose time is over.
    mutating func look(at report: SimulatorReport, since start: MonotonicTime) {
        hasNews = false
        watchers.removeAll { watcher in
            let isSatisfied = watcher.isSatisfied(report)
            guard isSatisfied || watcher.deadline <= start else { return false }
            watcher.answer.resume(returning: isSatisfied)
            return true
        }
        lastLook = .now
        pause = max(.milliseconds(5), lastLook.since(start) * 20)
    }

    mutating func finish() {
        for watcher in watchers { watcher.answer.resume(returning: false) }
        watchers = []
    }
}

extension Simulation {
    /// Looks whether somebody who waits can go on, or plans the next look.
    func planWatchers(at now: MonotonicTime) {
        guard !watchers.isEmpty else { return }
        let isOver = watchers.earliestDeadline.map { $0 <= now } == true
        let mayLook = watchers.lastLook.advanced(by: watchers.pause) <= now
        if isOver || (watchers.hasNews && mayLook) {
            let start = MonotonicTime.now
            watchers.look(at: report(), since: start)
        }
        guard !watchers.isPlanned, let deadline = watchers.earliestDeadline else { return }
        watchers.isPlanned = true
        let next =
            watchers.hasNews ? now.advanced(by: watchers.pause) : min(deadline, now.advanced(by: .milliseconds(20)))
        timers.schedule(.lookAtWatchers, at: next)
    }
}
