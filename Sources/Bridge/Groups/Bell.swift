// SPDX-License-Identifier: Apache-2.0

/// Wakes loops that have something to look at; rings that come while one is awake are one.
final class Bell: Sendable {
    private let ends: [(stream: AsyncStream<Void>, continuation: AsyncStream<Void>.Continuation)]

    init(hearers: Int) {
        ends = (0..<hearers).map { _ in AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(1)) }
    }

    /// Wakes all.
    func ring() {
        for end in ends { end.continuation.yield() }
    }

    /// Wakes one.
    func ring(_ hearer: Int) {
        ends[hearer].continuation.yield()
    }

    /// What one hears; for one loop alone, until its task is cancelled.
    func rings(_ hearer: Int) -> AsyncStream<Void> { ends[hearer].stream }
}
