// SPDX-License-Identifier: Apache-2.0
internal import Concurrency
internal import Observability

/// The loop of a lane's thread.
struct LaneRunner: ~Copyable {
    private let queue: BoundedQueue<CodecJob>
    let context: LaneContext
    let speech: CodecSpeech
    private var worker: WorkerProcess?
    private var slots: FormatterSlots
    /// Calls taken from the queue: those before `next` are delivered, those before `sent` are on their way.
    var pending: [CodecJob] = []
    var next = 0
    var sent = 0
    /// Batches on their way, the oldest first.
    private var flights: [Flight] = []
    /// Frames that this worker was sent.
    private var frames: UInt32 = 0
    private var watch: WorkerWatch
    var mustForward = false
    var seenPenalties: UInt64 = 0
    private var frame = WireBuffer()
    private var hasWorkerEnded = false
    private var hasToldOfFilter = false
    private var isTrimmed = true
    private var nextAttempt = MonotonicTime(nanoseconds: 0)
    private var turns = PenaltyTurns()
    /// Whose call of the answer read last was a very slow one.
    private var tiring: String?

    /// A batch in the hands of the worker.
    private struct Flight {
        var batch: Range<Int>
        let frame: UInt32
        /// Its calls are sent once more, behind others that were left: its answer is not wanted.
        var isVoid = false
    }

    init(queue: BoundedQueue<CodecJob>, context: LaneContext) {
        self.queue = queue
        self.context = context
        let configuration = context.configuration
        speech = CodecSpeech(limitMilliseconds: configuration.timeLimitMilliseconds)
        watch = WorkerWatch(configuration: configuration)
        slots = FormatterSlots(scripts: configuration.cachedScripts, bytes: configuration.cachedScriptBytes)
    }

    consuming func run(_ isReady: BoundedQueue<Result<Void, CodecError>>?) {
        if let isReady {
            do {
                try startWorker()
                isReady.push(.success(()))
            } catch {
                isReady.push(.failure(error))
            }
        }
        while refill() {
            if mustForward || seenPenalties != context.router.penalties {
                // What is on its way lands first: an application's results keep their order.
                if flights.isEmpty { forwardPenalized() } else { land() }
            } else if sent == pending.count || flights.count >= context.flights || !takeOff() {
                land()
            }
        }
    }

    // MARK: Batches

    /// Takes calls from the queue, waiting for them only when there is nothing else to do; false when all is done.
    private mutating func refill() -> Bool {
        guard next == pending.count else {
            // Where applications take turns, the latest one too is waiting for its own.
            let isShort = sent == pending.count || context.isPenalty && pending.count < queue.capacity
            if isShort, flights.count < context.flights, queue.count > 0 {
                compact()
                _ = queue.drain(into: &pending, until: MonotonicTime(nanoseconds: 0))
                mustForward = mustForward || context.router.hasPenalized
            }
            return true
        }
        pending.removeAll(keepingCapacity: true)
        next = 0
        sent = 0
        while true {
            let idle = isTrimmed ? nil : MonotonicTime.now.advanced(by: .seconds(context.configuration.idleSeconds))
            switch queue.drain(into: &pending, until: idle) {
            case .closed: return false
            case .idle: trim()
            case .elements:
                isTrimmed = false
                mustForward = context.router.hasPenalized
                return true
            }
        }
    }

    /// Forgets what is delivered.
    private mutating func compact() {
        pending.removeSubrange(..<next)
        for index in flights.indices {
            let batch = flights[index].batch
            flights[index].batch = batch.lowerBound - next..<batch.upperBound - next
        }
        sent -= next
        next = 0
    }

    /// Sends the next batch to the worker; false when it must wait for those on their way.
    private mutating func takeOff() -> Bool {
        var end = sent
        var size = 0
        var needsWorker = false
        var isKnown = true
        var limit = context.batchCalls
        if context.isPenalty { limit = turns.bringForward(limit, in: &pending, from: sent) }
        while end < pending.count, end - sent < limit {
            if pending[end].wantsNewWorker, pending[end].answer == nil {
                guard flights.isEmpty else { return false }
                if end > sent { break }
                end += 1
                needsWorker = true
                if frames > 0 { endWorker() }
                pending[sent].wantsNewWorker = false
                break
            }
            if context.isPenalty, context.router.isSuspended(pending[end].applicationID) {
                pending[end] = pending[end].refused(
                    LaneRouter.suspension,
                    limit: speech.limitMilliseconds,
                    context.metrics
                )
            }
            let weight = pending[end].weight
            guard end == sent || size + weight <= LaneContext.batchBytes else { break }
            size += weight
            if pending[end].answer == nil {
                needsWorker = true
                isKnown = isKnown && slots.contains(pending[end].formatter)
            }
            end += 1
        }
        let batch = sent..<end
        // Behind another batch only goes what fits the socket's buffer: else both sides could wait for each other. Nothing
        // goes behind one of those that overstep: it would be sent again when that left its rest.
        let fitsBehind = needsWorker && isKnown && size <= LaneContext.batchBytes && !context.isPenalty
        guard flights.isEmpty || fitsBehind else { return false }
        if context.isPenalty { turns.take() }
        guard needsWorker else {
            sent = end
            deliver(batch)
            return true
        }
        do {
            try startWorker()
        } catch {
            for index in batch where pending[index].answer == nil {
                fail(index, .unavailable, nil, error.description)
            }
            sent = end
            deliver(batch)
            return true
        }
        write(batch)
        frames &+= 1
        flights.append(Flight(batch: batch, frame: frames))
        sent = end
        if worker?.send(frame.octets) != true { lose(.ended) }
        return true
    }

    /// Waits for the answers to the oldest batch, or for the worker to overstep.
    private mutating func land() {
        guard let flight = flights.first else { return }
        watch.begin()
        while true {
            switch worker?.receive(waitingMilliseconds: 4) {
            case .answer:
                flights.removeFirst()
                guard !flight.isVoid else {
                    worker?.withAnswer { _ in }
                    return
                }
                guard let answered = accept(flight.batch) else { return lose(.ended) }
                deliver(answered)
                if let tiring { endWorker(fattenedBy: tiring) }
                guard answered.upperBound < flight.batch.upperBound, worker != nil else { return }
                // The worker left the rest after a slow call; it and all that follows is sent again, in its order.
                for index in flights.indices { flights[index].isVoid = true }
                sent = next
                return
            case .ended, nil: return lose(.ended)
            case .nothing:
                if let verdict = watch.look(at: worker) { return lose(verdict) }
            }
        }
    }

    private mutating func fail(_ index: Int, _ code: EnvelopeProblem.Code, _ function: ScriptFunction?, _ text: String)
    {
        pending[index].answer = pending[index].failed(
            code,
            function: function,
            text: text,
            limit: speech.limitMilliseconds
        )
    }

    private mutating func write(_ batch: Range<Int>) {
        frame.begin()
        for index in batch where pending[index].answer == nil {
            guard let slot = slots.slot(of: pending[index].formatter, frame: &frame) else { continue }
            pending[index].write(slot: slot, to: &frame)
        }
        frame.end()
    }

    /// Reads the answers into the batch and says how far they reach; nil when they do not fit it.
    private mutating func accept(_ batch: Range<Int>) -> Range<Int>? {
        guard let worker else { return nil }
        let (speech, context) = (speech, context)
        var calls = 0
        var slowest: String?
        let isWhole = worker.withAnswer { reader in
            var reader = reader
            for index in batch where pending[index].answer == nil && !reader.isAtEnd {
                // The octets come after their count and the time they took.
                guard let count = reader.next32(), let microseconds = reader.next32(),
                    let octets = reader.nextBytes(count: Int(count))
                else { return false }
                let job = pending[index]
                job.answer = Envelope(octets, speech: speech).answer(to: job.request)
                if Envelope.tellsOfOwnRealm(octets) { context.metrics.ownRealmCalls.add() }
                calls += 1
                guard microseconds > CodecWorker.slow else { continue }
                let application = job.applicationID
                if microseconds > CodecWorker.tiring { slowest = application }
                if context.router.charge(application, microseconds: microseconds) {
                    context.logger.warning(
                        "formatter_slow",
                        ["application_id": application, "microseconds": Int(microseconds)]
                    )
                }
            }
            return reader.isAtEnd
        }
        tiring = slowest
        context.metrics.scriptCalls.add(calls)
        guard isWhole, calls > 0 else { return nil }
        return batch.lowerBound..<(batch.first { pending[$0].answer == nil } ?? batch.upperBound)
    }

    private mutating func deliver(_ batch: Range<Int>) {
        var index = batch.lowerBound
        while index < batch.upperBound {
            let application = pending[index].applicationID
            var count = 0
            while index < batch.upperBound, pending[index].applicationID == application {
                let job = pending[index]
                if let answer = job.answer {
                    context.metrics.count(answer)
                    job.deliver(answer)
                }
                index += 1
                count += 1
            }
            context.router.finish(application, count: count, isPenalty: context.isPenalty)
        }
        next = batch.upperBound
    }

    // MARK: Lost workers

    /// Ends the worker and gives the call it was running its failure; the batches are performed again from their first call.
    private mutating func lose(_ verdict: WorkerWatch.Verdict) {
        let running = Int(worker?.page.runningCall ?? 0)
        let runningFrame = worker?.page.runningFrame
        let function = worker?.page.stage
        let status = worker?.end() ?? 0
        worker = nil
        hasWorkerEnded = true
        slots.removeAll()
        let (code, text) = verdict.problem(status: status)
        let flight = flights.first { $0.frame == runningFrame } ?? (running == 0 ? flights.first : nil)
        // A void batch is sent again: the call in it that took the worker along is known then.
        let isVoid = running > 0 && flight?.isVoid == true
        let open = isVoid ? [] : flight?.batch.filter { pending[$0].answer == nil } ?? []
        // One that had no turn may not even have begun.
        let place = if case .starved = verdict { max(1, running) } else { running }
        if place > 0, place <= open.count {
            let index = open[place - 1]
            let application = pending[index].applicationID
            if case .memory = verdict, runningFrame != 1 || place > 1 {
                // Memory may have been taken by those before: the call has one more go, with a worker to itself.
                pending[index].wantsNewWorker = true
            } else if case .starved = verdict {
                pending[index] = pending[index].refused(text, limit: speech.limitMilliseconds, context.metrics)
            } else {
                fail(index, code, function, text)
                _ = context.router.charge(application, microseconds: nil)
                countLoss(application)
            }
            context.logger.warning(
                "formatter_stopped",
                ["application_id": application, "reason": verdict.reason, "status": Int(status)]
            )
        } else if isVoid {
            context.logger.warning("worker_ended", ["reason": verdict.reason, "status": Int(status)])
        } else {
            context.logger.error("worker_ended", ["reason": verdict.reason, "status": Int(status)])
            for index in next..<sent where pending[index].answer == nil {
                pending[index].losses += 1
                if pending[index].losses > 1 { fail(index, .died, nil, "ended twice (wait status \(status))") }
            }
        }
        flights.removeAll()
        sent = next
    }

    /// Ends a worker that a slow call left with much memory: who runs next must not pay for it.
    private mutating func endWorker(fattenedBy application: String) {
        guard let worker, worker.residentMiB > context.configuration.memoryLimitMiB / 2 else { return }
        context.logger.warning(
            "formatter_stopped",
            ["application_id": application, "reason": "memory_left", "mebibytes": worker.residentMiB]
        )
        countLoss(application)
        endWorker()
        hasWorkerEnded = true
        flights.removeAll()
        sent = next
    }

    private func countLoss(_ application: String) {
        guard let seconds = context.router.countLoss(application) else { return }
        context.logger.warning("formatter_suspended", ["application_id": application, "seconds": seconds])
    }

    private mutating func endWorker() {
        worker = nil
        slots.removeAll()
    }

    private mutating func startWorker() throws(CodecError) {
        guard worker == nil else { return }
        guard MonotonicTime.now >= nextAttempt else { throw .workerSilent }
        do {
            let process = try WorkerProcess(configuration: context.configuration, yields: context.isPenalty)
            let isFiltered = try process.waitUntilReady(patience: .seconds(context.isPenalty ? 120 : 30))
            worker = process
            if !isFiltered, !hasToldOfFilter {
                hasToldOfFilter = true
                context.logger.warning("worker_unfiltered", ["reason": "the kernel refuses a filter of system calls"])
            }
        } catch {
            nextAttempt = MonotonicTime.now.advanced(by: .seconds(1))
            context.logger.error("worker_not_started", ["reason": error.reason, "detail": error.description])
            throw error
        }
        slots.removeAll()
        frames = 0
        if hasWorkerEnded { context.metrics.restarts.add() }
        hasWorkerEnded = false
    }

    // MARK: Housekeeping

    /// Gives memory back after a quiet time. A worker for those that overstep is not kept at all.
    private mutating func trim() {
        isTrimmed = true
        if context.isPenalty { return endWorker() }
        guard worker != nil else { return }
        frame.begin()
        slots.dropAll(frame: &frame)
        frame.append8(WireOperation.release.rawValue)
        frame.end()
        if worker?.send(frame.octets) != true { worker = nil }
    }
}
