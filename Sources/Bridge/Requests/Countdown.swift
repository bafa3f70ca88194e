// SPDX-License-Identifier: Apache-2.0
internal import Synchronization

/// Calls back after a number of ticks.
final class Countdown: Sendable {
    private let left: Atomic<Int>
    private let action: @Sendable () -> Void

    init(_ count: Int, action: @escaping @Sendable () -> Void) {
        left = Atomic(count)
        self.action = action
        if count == 0 { action() }
    }

    func tick() {
        if left.subtract(1, ordering: .acquiringAndReleasing).newValue == 0 { action() }
    }
}
