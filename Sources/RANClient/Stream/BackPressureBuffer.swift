// SPDX-License-Identifier: Apache-2.0
internal import Synchronization

/// Elements between sockets and `for await` loops. When it is full the sockets are told to rest, so that memory stays
/// bounded and the RAN feels the pressure; when half is taken they go on.
final class BackPressureBuffer<Element: Sendable>: Sendable {
    private struct State {
        var elements: [Element] = []
        /// Where the oldest element is; what lies before it is taken.
        var head = 0
        var waiters: [(id: UInt64, continuation: CheckedContinuation<Element?, Never>)] = []
        var lastID: UInt64 = 0
        var controls: [StreamControl] = []
        var isPaused = false
        var isFinished = false

        var count: Int { elements.count - head }

        mutating func pop() -> Element {
            defer {
                head += 1
                if head >= 512, head * 2 >= elements.count {
                    elements.removeFirst(head)
                    head = 0
                }
            }
            return elements[head]
        }

        mutating func setPaused(_ paused: Bool) {
            isPaused = paused
            for control in controls { control.setReadingPaused(paused) }
        }
    }

    /// From how many elements on the sockets rest; one round of reading may come on top.
    let capacity: Int
    private let state = Mutex(State())

    init(capacity: Int) {
        precondition(capacity > 0, "a buffer needs room for one element")
        self.capacity = capacity
    }

    /// Adds a socket that is to rest while the buffer is full.
    func attach(_ control: StreamControl) {
        state.withLock { state in
            state.controls.append(control)
            if state.isPaused { control.setReadingPaused(true) }
        }
    }

    /// Never blocks.
    func push(contentsOf elements: [Element]) {
        let served = state.withLock { state -> [(CheckedContinuation<Element?, Never>, Element)] in
            guard !state.isFinished else { return [] }
            state.elements.append(contentsOf: elements)
            var served: [(CheckedContinuation<Element?, Never>, Element)] = []
            while !state.waiters.isEmpty, state.count > 0 {
                served.append((state.waiters.removeFirst().continuation, state.pop()))
            }
            if state.count >= capacity, !state.isPaused { state.setPaused(true) }
            return served
        }
        for (continuation, element) in served { continuation.resume(returning: element) }
    }

    /// The next element as soon as there is one; nil at the end, or when the task is cancelled.
    func next() async -> Element? {
        let id = state.withLock { state in
            state.lastID += 1
            return state.lastID
        }
        return await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let answer = state.withLock { state -> Element?? in
                    if state.isFinished || Task.isCancelled { return .some(nil) }
                    guard state.count > 0 else {
                        state.waiters.append((id, continuation))
                        return nil
                    }
                    let element = state.pop()
                    if state.isPaused, state.count <= capacity / 2 { state.setPaused(false) }
                    return element
                }
                if let answer { continuation.resume(returning: answer) }
            }
        } onCancel: {
            let waiter = state.withLock { state -> CheckedContinuation<Element?, Never>? in
                guard let index = state.waiters.firstIndex(where: { $0.id == id }) else { return nil }
                return state.waiters.remove(at: index).continuation
            }
            waiter?.resume(returning: nil)
        }
    }

    /// Drops what is inside and ends all loops.
    func finish() {
        let waiters = state.withLock { state in
            state.isFinished = true
            state.elements = []
            state.head = 0
            if state.isPaused { state.setPaused(false) }
            defer { state.waiters = [] }
            return state.waiters
        }
        for waiter in waiters { waiter.continuation.resume(returning: nil) }
    }
}
