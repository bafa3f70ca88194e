// SPDX-License-Identifier: Apache-2.0
internal import Concurrency
internal import Observability

/// A queue, a thread and a worker process: calls go in, batches go over the socket, answers come out in order.
final class WorkerLane: Sendable {
    private let queue: BoundedQueue<CodecJob>
    private let context: LaneContext

    init(context: LaneContext) {
        self.context = context
        queue = BoundedQueue(capacity: context.configuration.queuedCalls)
    }

    /// Starts the thread; it starts a worker at once and tells `isReady`, or with the first call when that is nil.
    func start(isReady: BoundedQueue<Result<Void, CodecError>>?) -> NamedThread {
        let (queue, context) = (queue, context)
        return NamedThread(context.isPenalty ? "codec-penalty" : "codec-\(context.index)") {
            LaneRunner(queue: queue, context: context).run(isReady)
        }
    }

    /// Appends; waits while the queue is full. False when the lane is stopped.
    func push(_ jobs: [CodecJob]) -> Bool { queue.push(contentsOf: jobs) }

    /// Appends if there is room. False when the queue is full or stopped.
    func tryPush(_ job: CodecJob) -> Bool { queue.tryPush(job) }

    /// Lets the thread end after what waits.
    func close() { queue.close() }
}

/// What a lane works with.
struct LaneContext: Sendable {
    let index: Int
    let isPenalty: Bool
    let configuration: CodecConfiguration
    let router: LaneRouter
    let logger: Logger
    let metrics: CodecMetrics
    /// Hands calls of penalized applications on; those it cannot take come back.
    let forward: @Sendable ([CodecJob]) -> [CodecJob]

    /// Calls in one batch; few for those that overstep, because a lost worker costs the whole batch again.
    var batchCalls: Int { isPenalty ? 4 : 64 }
    /// Batches on their way at once: while the worker performs one, the lane reads and writes its neighbours.
    var flights: Int { isPenalty ? 1 : 2 }
    /// Octets in one batch, about: less than a socket's buffer holds.
    static let batchBytes = 48 * 1024
}
