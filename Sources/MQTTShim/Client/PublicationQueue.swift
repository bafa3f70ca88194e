// SPDX-License-Identifier: Apache-2.0

/// Publications that wait for room inside the library, first in, first out.
struct PublicationQueue {
    private var elements: [QueuedPublication] = []
    private var head = 0

    var count: Int { elements.count - head }
    var isEmpty: Bool { count == 0 }

    mutating func append(_ batch: [QueuedPublication]) {
        if isEmpty {
            elements = batch
            head = 0
        } else {
            elements.append(contentsOf: batch)
        }
    }

    /// Puts publications before all others, in their order.
    mutating func putBack(_ batch: [QueuedPublication]) {
        guard !batch.isEmpty else { return }
        elements.replaceSubrange(..<head, with: batch)
        head = 0
    }

    mutating func popFirst() -> QueuedPublication? {
        guard head < elements.count else { return nil }
        let first = elements[head]
        head += 1
        if head == elements.count {
            elements.removeAll(keepingCapacity: true)
            head = 0
        } else if head >= 4_096 {
            elements.removeFirst(head)
            head = 0
        }
        return first
    }

    mutating func removeAll() -> [QueuedPublication] {
        defer {
            elements = []
            head = 0
        }
        return Array(elements[head...])
    }
}
