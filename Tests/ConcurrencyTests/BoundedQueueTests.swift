// SPDX-License-Identifier: Apache-2.0
import Concurrency
import Testing

@Suite struct BoundedQueueTests {
    @Test("elements come out in the order they went in")
    func order() {
        let queue = BoundedQueue<Int>(capacity: 4)
        queue.push(1)
        queue.push(contentsOf: [2, 3])
        var batch: [Int] = []
        #expect(queue.drain(into: &batch) == .elements)
        #expect(batch == [1, 2, 3])
    }

    @Test("a full queue refuses tryPush and lets push wait for room")
    func backPressure() {
        let queue = BoundedQueue<Int>(capacity: 2)
        queue.push(contentsOf: [1, 2])
        #expect(!queue.tryPush(3))
        let producer = NamedThread("producer") { queue.push(3) }
        var taken: [Int] = []
        while taken.count < 3 {
            var batch: [Int] = []
            _ = queue.drain(into: &batch)
            taken += batch
        }
        producer.join()
        #expect(taken == [1, 2, 3])
    }

    @Test("drain returns idle at its deadline and when woken")
    func idle() {
        let queue = BoundedQueue<Int>(capacity: 2)
        var batch: [Int] = []
        #expect(queue.drain(into: &batch, until: .now.advanced(by: .milliseconds(1))) == .idle)
        queue.wake()
        #expect(queue.drain(into: &batch) == .idle)
    }

    @Test("a closed queue gives what it holds, then says closed, and frees a blocked producer")
    func close() {
        let queue = BoundedQueue<Int>(capacity: 1)
        queue.push(1)
        let producer = NamedThread("producer") { #expect(!queue.push(2)) }
        queue.close()
        producer.join()
        var batch: [Int] = []
        #expect(queue.drain(into: &batch) == .elements)
        #expect(batch == [1])
        batch = []
        #expect(queue.drain(into: &batch) == .closed)
    }

    @Test("who gathers sleeps until enough is there, the queue is full, its moment has come or the queue is closed")
    func gathering() {
        let queue = BoundedQueue<Int>(capacity: 4)
        var batch: [Int] = []
        let later = MonotonicTime.now.advanced(by: .seconds(600))
        for (wanted, given) in [(3, 3), (100, 4)] {
            let producer = NamedThread("producer") { for value in 0..<given { queue.push(value) } }
            queue.gather(wanted, until: later)
            #expect(queue.count >= min(wanted, 4))
            producer.join()
            batch = []
            #expect(queue.drain(into: &batch) == .elements)
            #expect(batch == Array(0..<given))
        }
        let moment = MonotonicTime.now.advanced(by: .milliseconds(2))
        queue.gather(2, until: moment)
        #expect(moment <= .now)
        let waker = NamedThread("waker") { queue.wake() }
        queue.gather(2, until: later)
        waker.join()
        #expect(queue.drain(into: &batch) == .idle)
        let closer = NamedThread("closer") { queue.close() }
        queue.gather(2, until: later)
        closer.join()
        #expect(queue.drain(into: &batch) == .closed)
    }

    @Test("nothing is lost or doubled between eight producers and one consumer")
    func contention() {
        let queue = BoundedQueue<Int>(capacity: 16)
        let producers = (0..<8).map { producer in
            NamedThread("p\(producer)") { for value in 0..<1000 { queue.push(producer * 1000 + value) } }
        }
        var seen: [Int] = []
        while seen.count < 8000 { _ = queue.drain(into: &seen) }
        for producer in producers { producer.join() }
        #expect(seen.sorted() == Array(0..<8000))
    }
}

private actor Counter {
    private let executor = ThreadExecutor("counter")
    nonisolated var unownedExecutor: UnownedSerialExecutor { executor.asUnownedSerialExecutor() }
    private var count = 0
    func increment() -> Int {
        count += 1
        return count
    }
}

@Suite struct ThreadExecutorTests {
    @Test("an actor on a thread executor serialises its callers")
    func serial() async {
        let counter = Counter()
        await withTaskGroup(of: Void.self) { group in
            for _ in 0..<1000 { group.addTask { _ = await counter.increment() } }
        }
        #expect(await counter.increment() == 1001)
    }
}
