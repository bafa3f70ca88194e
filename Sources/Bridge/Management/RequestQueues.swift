// SPDX-License-Identifier: Apache-2.0
internal import MQTTShim
internal import Management
internal import Synchronization

/// A management request on its way.
struct ManagementJob: Sendable {
    let topic: ManagementTopic
    let message: MQTTInboundMessage
}

/// Management requests that wait: those of one application are worked on one after the other, applications beside each
/// other.
final class RequestQueues: Sendable {
    private struct State {
        /// The jobs of an owner that is being worked on; an owner without work has no entry.
        var waiting: [String: [ManagementJob]] = [:]
        var count = 0
        var bytes = 0
        var isFinished = false
    }

    /// How many requests, and how many octets of them, may wait.
    static let countLimit = 10_000
    static let byteLimit = 128 << 20
    /// How many of one owner.
    static let ownerLimit = 1000

    private let state = Mutex(State())
    private let owners: AsyncStream<String>
    private let begin: AsyncStream<String>.Continuation

    init() {
        // No more owners are in it than requests wait, and these are bounded.
        (owners, begin) = AsyncStream.makeStream()
    }

    /// Takes a request; false when too many wait.
    func submit(_ job: ManagementJob) -> Bool {
        let owner = job.topic.owner
        let (isTaken, isFirst) = state.withLock { state in
            guard !state.isFinished, state.count < Self.countLimit, state.bytes < Self.byteLimit,
                (state.waiting[owner]?.count ?? 0) < Self.ownerLimit
            else { return (false, false) }
            state.count += 1
            state.bytes += job.message.payload.count
            let isFirst = state.waiting[owner] == nil
            state.waiting[owner, default: []].append(job)
            return (true, isFirst)
        }
        if isFirst { begin.yield(owner) }
        return isTaken
    }

    /// Takes no more; `run` returns when what is being worked on is done.
    ///
    /// - Returns: the requests that nobody has begun.
    func finish() -> [ManagementJob] {
        begin.finish()
        return state.withLock { state in
            state.isFinished = true
            let left = state.waiting.values.flatMap { $0 }
            for owner in state.waiting.keys { state.waiting[owner] = [] }
            return left
        }
    }

    /// Works until `finish`.
    func run(_ work: @escaping @Sendable (ManagementJob) async -> Void) async {
        await withDiscardingTaskGroup { group in
            for await owner in owners {
                group.addTask { [self] in
                    while let job = next(of: owner) { await work(job) }
                }
            }
        }
    }

    private func next(of owner: String) -> ManagementJob? {
        state.withLock { state in
            guard let job = state.waiting[owner]?.first else {
                state.waiting[owner] = nil
                return nil
            }
            state.waiting[owner]?.removeFirst()
            state.count -= 1
            state.bytes -= job.message.payload.count
            return job
        }
    }
}
