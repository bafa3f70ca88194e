// SPDX-License-Identifier: Apache-2.0
internal import CThreads
internal import Glibc

/// A bounded queue between threads: many may push, one drains in batches. A full queue pushes back.
///
/// - `push` blocks a thread while the queue is full; `tryPush` refuses instead, for callers that must not wait.
/// - `drain` takes all that is there in one go, so that a busy consumer pays one lock a batch.
///
/// `@unchecked Sendable` is sound because: 1. every access to `elements` and `isClosed` happens between `lock` and
/// `unlock` of one mutex; 2. the mutex and the conditions live in memory that this object allocates, never moves and
/// frees in `deinit`; 3. elements are themselves `Sendable`.
public final class BoundedQueue<Element: Sendable>: @unchecked Sendable {
    /// What ended a call of `drain`.
    public enum DrainResult: Sendable {
        /// At least one element was taken.
        case elements
        /// The deadline passed, or `wake` was called, with nothing to take.
        case idle
        /// The queue is closed and empty.
        case closed
    }

    /// The largest number of elements held.
    public let capacity: Int

    private let mutex = UnsafeMutablePointer<pthread_mutex_t>.allocate(capacity: 1)
    private let notEmpty = UnsafeMutablePointer<pthread_cond_t>.allocate(capacity: 1)
    private let notFull = UnsafeMutablePointer<pthread_cond_t>.allocate(capacity: 1)
    private var elements: [Element] = []
    private var isClosed = false
    private var isWoken = false
    private var waitingProducers = 0
    /// How many elements end the consumer's wait.
    private var wanted = 1

    public init(capacity: Int) {
        precondition(capacity > 0, "a queue needs room for one element")
        self.capacity = capacity
        mutex.initialize(to: pthread_mutex_t())
        notEmpty.initialize(to: pthread_cond_t())
        notFull.initialize(to: pthread_cond_t())
        pthread_mutex_init(mutex, nil)
        cthreads_cond_init(notEmpty)
        cthreads_cond_init(notFull)
        elements.reserveCapacity(min(capacity, 1024))
    }

    deinit {
        pthread_cond_destroy(notFull)
        pthread_cond_destroy(notEmpty)
        pthread_mutex_destroy(mutex)
        notFull.deallocate()
        notEmpty.deallocate()
        mutex.deallocate()
    }

    /// Appends, blocking the calling thread while the queue is full. False when the queue is closed.
    @discardableResult
    public func push(_ element: Element) -> Bool {
        locked {
            waitForRoom()
            guard !isClosed else { return false }
            append(element)
            return true
        }
    }

    /// Appends all, blocking while the queue is full; a batch larger than the capacity goes in as soon as the queue
    /// has any room. False when the queue is closed.
    @discardableResult
    public func push(contentsOf batch: [Element]) -> Bool {
        guard !batch.isEmpty else { return true }
        return locked {
            waitForRoom()
            guard !isClosed else { return false }
            let before = elements.count
            elements.append(contentsOf: batch)
            if before < wanted, elements.count >= wanted { pthread_cond_signal(notEmpty) }
            return true
        }
    }

    /// Appends if there is room. False when the queue is full or closed.
    public func tryPush(_ element: Element) -> Bool {
        locked {
            guard !isClosed, elements.count < capacity else { return false }
            append(element)
            return true
        }
    }

    /// Moves all waiting elements to the end of `batch`, waiting for the first one until `deadline` (nil: for ever).
    public func drain(into batch: inout [Element], until deadline: MonotonicTime? = nil) -> DrainResult {
        locked {
            while elements.isEmpty, !isClosed, !isWoken {
                if let deadline {
                    guard cthreads_cond_wait_until(notEmpty, mutex, deadline.nanoseconds) == 0 else { break }
                } else {
                    pthread_cond_wait(notEmpty, mutex)
                }
            }
            isWoken = false
            if elements.isEmpty { return isClosed ? .closed : .idle }
            if batch.isEmpty {
                swap(&batch, &elements)
            } else {
                batch.append(contentsOf: elements)
                elements.removeAll(keepingCapacity: true)
            }
            if waitingProducers > 0 { pthread_cond_broadcast(notFull) }
            return .elements
        }
    }

    /// Waits until so many elements are there, the deadline has passed, `wake` is called or the queue is closed. A consumer
    /// that wakes for each element by itself costs more than the elements do. Call it before `drain`.
    public func gather(_ count: Int, until deadline: MonotonicTime) {
        guard deadline > .now else { return }
        locked {
            wanted = max(1, min(count, capacity))
            while elements.count < wanted, !isClosed, !isWoken {
                guard cthreads_cond_wait_until(notEmpty, mutex, deadline.nanoseconds) == 0 else { break }
            }
            wanted = 1
        }
    }

    /// Ends a waiting `gather`, and a waiting `drain` with `.idle`, for a consumer that has other things to look at.
    public func wake() {
        locked {
            isWoken = true
            pthread_cond_signal(notEmpty)
        }
    }

    /// Refuses further elements; those inside can still be drained. Blocked producers return false.
    public func close() {
        locked {
            isClosed = true
            pthread_cond_broadcast(notEmpty)
            pthread_cond_broadcast(notFull)
        }
    }

    /// How many elements wait at this moment.
    public var count: Int { locked { elements.count } }

    private func append(_ element: Element) {
        elements.append(element)
        if elements.count == wanted { pthread_cond_signal(notEmpty) }
    }

    private func waitForRoom() {
        while elements.count >= capacity, !isClosed {
            waitingProducers += 1
            pthread_cond_wait(notFull, mutex)
            waitingProducers -= 1
        }
    }

    private func locked<Result>(_ body: () -> Result) -> Result {
        pthread_mutex_lock(mutex)
        defer { pthread_mutex_unlock(mutex) }
        return body()
    }
}
