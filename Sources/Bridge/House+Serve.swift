// SPDX-License-Identifier: Apache-2.0
internal import Observability
internal import Synchronization

extension House {
    /// Works until its task is cancelled, then drains and closes everything.
    func serve() async {
        let management = management.withLock { $0 }
        await withTaskGroup(of: Void.self) { group in
            group.addTask { await self.lanes.run(desk: self.desk) }
            group.addTask { await management?.run() }
            for coverage in coverages {
                group.addTask { await self.keepRoutingTable(of: coverage) }
                group.addTask { await self.keepGroups(of: coverage) }
            }
            await untilCancelled()
            logger.info("stopping", ["within_s": settings.drainTime.components.seconds])
            // Draining must outlive the cancellation that asked for it.
            await Task {
                await management?.stop(within: .seconds(3))
                await stop()
            }.value
            group.cancelAll()
        }
    }

    private func untilCancelled() async {
        let (never, continuation) = AsyncStream<Never>.makeStream()
        for await _ in never {}
        continuation.finish()
    }
}
