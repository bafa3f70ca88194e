// SPDX-License-Identifier: Apache-2.0
internal import Synchronization

/// Gives every reader every event.
final class EventHub<Element: Sendable>: Sendable {
    private struct State {
        var buffers: [UInt64: EventBuffer<Element>] = [:]
        var lastID: UInt64 = 0
        /// Of readers that have gone.
        var dropped = 0
    }

    private let state = Mutex(State())

    /// Whether anybody reads.
    var hasReaders: Bool { state.withLock { !$0.buffers.isEmpty } }

    /// How many elements readers missed because they were too slow.
    var dropped: Int { state.withLock { $0.buffers.values.reduce($0.dropped) { $0 + $1.dropped } } }

    /// A sequence of what is offered from this moment on, until it and its iterators are let go.
    func sequence(limit: Int) -> EventSequence<Element> {
        let buffer = EventBuffer<Element>(limit: limit)
        let id = state.withLock { state in
            state.lastID += 1
            state.buffers[state.lastID] = buffer
            return state.lastID
        }
        return EventSequence(buffer: buffer, registration: Registration { [weak self] in self?.remove(id) })
    }

    /// Hands elements to every reader.
    func offer(_ batch: [Element], _ hold: HoldBack? = nil) {
        for buffer in state.withLock({ Array($0.buffers.values) }) { buffer.offer(batch, hold) }
    }

    /// Ends every sequence; later ones begin anew.
    func finish() {
        let buffers = state.withLock { state in
            state.dropped += state.buffers.values.reduce(0) { $0 + $1.dropped }
            defer { state.buffers = [:] }
            return state.buffers.values
        }
        for buffer in buffers { buffer.finish() }
    }

    private func remove(_ id: UInt64) {
        let buffer = state.withLock { state in
            let buffer = state.buffers.removeValue(forKey: id)
            state.dropped += buffer?.dropped ?? 0
            return buffer
        }
        buffer?.finish()
    }
}

/// Runs a closure when nobody holds it any more.
final class Registration: Sendable {
    private let end: @Sendable () -> Void

    init(end: @escaping @Sendable () -> Void) {
        self.end = end
    }

    deinit { end() }
}
