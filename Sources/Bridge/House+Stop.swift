// SPDX-License-Identifier: Apache-2.0
internal import Concurrency
internal import MQTTShim
internal import Observability
internal import PayloadCodec
internal import Synchronization

extension House {
    /// Drains within the time that the settings allow, then closes everything. What cannot reach the broker in time
    /// stays in the outbox; every uplink that was taken is committed and answered.
    func stop() async {
        let deadline = MonotonicTime.now.advanced(by: settings.drainTime)
        for coverage in coverages { coverage.stopReading() }
        lanes.finish()
        let committed = await within(deadline) { [shards] done in
            let countdown = Countdown(shards.count, action: done)
            for shard in shards { shard.submit(.drain { countdown.tick() }) }
        }
        if !committed { logger.warning("drain_incomplete", ["part": "shards"]) }
        let published = await within(deadline) { [publisher] done in publisher.drain(done) }
        if !published { logger.warning("drain_incomplete", ["part": "publisher", "behind": publisher.countBehind]) }
        await close(within: deadline.since(.now))
    }

    /// Closes everything without draining: also what was never started.
    func close(within left: Duration = .zero) async {
        lanes.finish()
        await mqtt.stop(drain: max(.milliseconds(200), min(left, .seconds(1))))
        await runBlocking("stop") { [self] in
            credits.close()
            metricsEndpoint.withLock { $0.take() }?.stop()
            for coverage in coverages { coverage.stop() }
            for shard in shards { shard.stop() }
            publisher.stop()
            committer.stop()
        }
        await codec.stop()
        management.withLock { $0 = nil }
    }

    /// Waits until `begin` calls back, or the deadline passes. False when it passed.
    private func within(
        _ deadline: MonotonicTime,
        _ begin: (@escaping @Sendable () -> Void) -> Void,
    ) async -> Bool {
        let (stream, continuation) = AsyncStream<Bool>.makeStream()
        begin {
            continuation.yield(true)
            continuation.finish()
        }
        let timer = Task {
            try? await Task.sleep(for: max(.zero, deadline.since(.now)))
            continuation.yield(false)
            continuation.finish()
        }
        defer { timer.cancel() }
        for await finished in stream { return finished }
        return false
    }
}
