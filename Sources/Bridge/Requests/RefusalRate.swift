// SPDX-License-Identifier: Apache-2.0
internal import Concurrency
internal import Synchronization
internal import TTNMessages

/// Limits the events about refused requests, device by device.
final class RefusalRate: Sendable {
    private let rate = Mutex(EventRate<String>(limit: 300))

    /// How many events were held back before this one; nil when this one must be, too.
    func admit(_ topic: RequestTopic) -> Int? {
        let now = MonotonicTime.now.nanoseconds
        return rate.withLock { $0.admit("\(topic.applicationID)/\(topic.deviceID)", at: now) }
    }
}

extension FailureReport {
    /// Says how many events like this one were not told before it.
    mutating func note(heldBack count: Int) {
        if count > 0 { figures.append(Figure("held_back", count)) }
    }
}
