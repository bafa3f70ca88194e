// SPDX-License-Identifier: Apache-2.0
internal import Synchronization

/// What waits for one reader. The batch that fills it is kept whole and holds back the broker; for what comes all the same
/// the oldest elements are dropped and counted.
final class EventBuffer<Element: Sendable>: Sendable {
    private struct Reader {
        var id: UInt64
        var continuation: CheckedContinuation<Element?, Never>
    }

    private struct State {
        var elements: [Element] = []
        var head = 0
        var readers: [Reader] = []
        var lastReader: UInt64 = 0
        var held: [HoldBack] = []
        var isFinished = false
        var dropped = 0

        var count: Int { elements.count - head }

        mutating func pop() -> Element? {
            guard head < elements.count else { return nil }
            defer {
                head += 1
                if head >= 256, head * 2 >= elements.count {
                    elements.removeFirst(head)
                    head = 0
                }
            }
            return elements[head]
        }
    }

    private let limit: Int
    private let state = Mutex(State())

    init(limit: Int) {
        self.limit = max(1, limit)
    }

    /// How many elements were dropped because nobody read them in time.
    var dropped: Int { state.withLock { $0.dropped } }

    /// Takes elements, and a hold on the broker when that fills it.
    func offer(_ batch: [Element], _ hold: HoldBack?) {
        var served: [(CheckedContinuation<Element?, Never>, Element)] = []
        var outlived: [HoldBack] = []
        state.withLock { state in
            guard !state.isFinished else { return }
            for element in batch {
                if state.readers.isEmpty {
                    if state.count >= limit, hold == nil || !state.held.isEmpty {
                        _ = state.pop()
                        state.dropped += 1
                    }
                    state.elements.append(element)
                } else {
                    served.append((state.readers.removeFirst().continuation, element))
                }
            }
            guard let hold, state.count >= limit else { return }
            hold.add()
            // More came: nobody waits for the earlier ones any longer.
            outlived = state.held
            state.held = [hold]
        }
        for hold in outlived { hold.release() }
        for (continuation, element) in served { continuation.resume(returning: element) }
    }

    /// The next element, when there is one; nil at the end or when the task is cancelled.
    func next() async -> Element? {
        let id = state.withLock { state in
            state.lastReader += 1
            return state.lastReader
        }
        return await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let (isAnswered, element, released) = state.withLock { state -> (Bool, Element?, [HoldBack]) in
                    if let element = state.pop() {
                        guard state.count <= limit / 2 else { return (true, element, []) }
                        defer { state.held = [] }
                        return (true, element, state.held)
                    }
                    if state.isFinished || Task.isCancelled { return (true, nil, []) }
                    state.readers.append(Reader(id: id, continuation: continuation))
                    return (false, nil, [])
                }
                if isAnswered { continuation.resume(returning: element) }
                for hold in released { hold.release() }
            }
        } onCancel: {
            let reader = state.withLock { state in
                state.readers.firstIndex { $0.id == id }.map { state.readers.remove(at: $0) }
            }
            reader?.continuation.resume(returning: nil)
        }
    }

    /// Nothing more comes; what waits can still be read.
    func finish() {
        let (readers, held) = state.withLock { state in
            state.isFinished = true
            defer {
                state.readers = []
                state.held = []
            }
            return (state.readers, state.held)
        }
        for reader in readers { reader.continuation.resume(returning: nil) }
        for hold in held { hold.release() }
    }
}
