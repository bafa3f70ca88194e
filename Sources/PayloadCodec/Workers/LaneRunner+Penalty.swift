// SPDX-License-Identifier: Apache-2.0

extension LaneRunner {
    /// Hands the calls of applications that were moved away on to the lane for such; nothing is on its way meanwhile.
    mutating func forwardPenalized() {
        seenPenalties = context.router.penalties
        mustForward = false
        guard !context.isPenalty else { return }
        var kept: [CodecJob] = []
        var moved: [CodecJob] = []
        var verdicts: [String: Bool] = [:]
        for job in pending[next...] {
            let isPenalized = verdicts[job.applicationID] ?? context.router.isPenalized(job.applicationID)
            verdicts[job.applicationID] = isPenalized
            if isPenalized { moved.append(job) } else { kept.append(job) }
        }
        pending = kept
        next = 0
        sent = 0
        guard !moved.isEmpty else { return }
        let (limit, metrics) = (speech.limitMilliseconds, context.metrics)
        moved = moved.map { job in
            switch context.router.forward(job.applicationID) {
            case .enough: return job
            case .suspended: return job.refused(LaneRouter.suspension, limit: limit, metrics)
            case .crowded, .none: return job.refused("too many of its calls wait", limit: limit, metrics)
            }
        }
        for job in context.forward(moved).map({ $0.refused("its queue is full", limit: limit, metrics) }) {
            if let answer = job.answer {
                context.metrics.count(answer)
                job.deliver(answer)
            }
            context.router.finish(job.applicationID, count: 1, isPenalty: true)
        }
    }
}
