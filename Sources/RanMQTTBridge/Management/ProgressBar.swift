// SPDX-License-Identifier: Apache-2.0
internal import Concurrency
internal import Glibc

/// How far a long command has come: a bar on a terminal, nothing where standard error goes elsewhere.
struct ProgressBar {
    private let label: String
    private let total: Int
    private let isShown: Bool
    private let start = MonotonicTime.now
    private var lastDrawn: MonotonicTime?

    /// - Parameter total: what `show` counts towards; 0 when nobody knows.
    init(_ label: String, total: Int) {
        self.label = label
        self.total = total
        isShown = isatty(STDERR_FILENO) == 1
    }

    /// Draws, at most ten times a second.
    mutating func show(_ done: Int) {
        guard isShown else { return }
        let now = MonotonicTime.now
        if let lastDrawn, now.since(lastDrawn) < .milliseconds(100), done < total { return }
        lastDrawn = now
        Console.ask("\r" + ProgressBar.text(label, done: done, total: total, elapsed: now.since(start)) + "\u{1B}[K")
    }

    /// Leaves the last state standing on its own line.
    func end() {
        if isShown, lastDrawn != nil { Console.ask("\n") }
    }

    /// One line without its line break.
    static func text(_ label: String, done: Int, total: Int, elapsed: Duration) -> String {
        let seconds = max(0.001, Double(elapsed.wholeNanoseconds) / 1e9)
        let rate = "\(Int(Double(done) / seconds))/s"
        guard total > 0 else { return "\(label) \(done)  \(rate)" }
        let share = min(1, Double(done) / Double(total))
        let filled = Int(share * 30)
        let bar = String(repeating: "#", count: filled) + String(repeating: ".", count: 30 - filled)
        let left = done > 0 ? Int((Double(total - done) / Double(done) * seconds).rounded(.up)) : 0
        return "\(label) [\(bar)] \(done)/\(total)  \(rate)" + (done < total && done > 0 ? "  \(left) s left" : "")
    }
}
