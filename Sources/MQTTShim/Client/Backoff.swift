// SPDX-License-Identifier: Apache-2.0

/// Waits that double from one failure to the next, each drawn at random so that many clients do not return at once.
struct Backoff {
    private let range: ClosedRange<Duration>
    private var failures = 0

    init(_ range: ClosedRange<Duration>) {
        self.range = range
    }

    /// How long to wait after one more failure.
    mutating func next(using random: inout some RandomNumberGenerator) -> Duration {
        let ceiling = min(range.upperBound, range.lowerBound * (2 << min(failures, 20)))
        failures += 1
        return range.lowerBound + (ceiling - range.lowerBound) * Double.random(in: 0...1, using: &random)
    }

    /// Starts over after a connection that lasted.
    mutating func reset() { failures = 0 }
}
