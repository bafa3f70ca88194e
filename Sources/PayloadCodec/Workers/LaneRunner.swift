// SPDX-License-Identifier: Apache-2.0
internal import Concurrency
internal import Observability

/// The loop of a lane's thread.
struct LaneRunner: ~Copyable {
    private let queue: BoundedQueue<CodecJob>
    private let context: LaneContext
    private let speech: CodecSpeech
    private var worker: WorkerProcess?
    private var slots: FormatterSlots
    private var pending: [CodecJob] = []
    private var frame = WireBuffer()
    private var hasWorkerEnded = false
    private var isTrimmed = true
    private var nextAttempt = MonotonicTime(nanoseconds: 0)

    init(queue: BoundedQueue<CodecJob>, context: LaneContext) {
        self.queue = queue
        self.context = context
        let configuration = context.configuration
        speech = CodecSpeech(limitMilliseconds: configuration.timeLimitMilliseconds)
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
        while true {
            if pending.isEmpty {
                let idle = isTrimmed ? nil : MonotonicTime.now.advanced(by: .seconds(context.configuration.idleSeconds))
                switch queue.drain(into: &pending, until: idle) {
                case .closed: return
                case .idle:
                    trim()
                    continue
                case .elements: isTrimmed = false
                }
            }
            forwardPenalized()
            performBatch()
        }
    }

    // MARK: Batches

    private mutating func performBatch() {
        var batch: [CodecJob] = []
        var size = 0
        for job in pending {
            guard batch.count < context.batchCalls, batch.isEmpty || size + job.weight <= context.batchBytes else { break }
            batch.append(job)
            size += job.weight
        }
        guard !batch.isEmpty else { return }
        pending.removeFirst(batch.count)
        guard batch.contains(where: { $0.answer == nil }) else {
            deliver(batch)
            return
        }
        do {
            try startWorker()
        } catch {
            for index in batch.indices where batch[index].answer == nil {
                batch[index].answer = batch[index].failed(
                    .died, function: nil, text: "could not be started", limit: speech.limitMilliseconds
                )
            }
            deliver(batch)
            return
        }
        write(batch)
        exchange(&batch)
    }

    private mutating func write(_ batch: [CodecJob]) {
        frame.begin()
        for job in batch where job.answer == nil {
            guard case .javascript(let scripts) = job.formatter.kind else { continue }
            let slot = slots.slot(of: job.formatter, scripts, frame: &frame)
            switch job.request {
            case .decode(let call):
                frame.append8(WireOperation.decode.rawValue)
                frame.append32(slot)
                frame.append8(call.flavours.rawValue | (call.isDryRun ? 4 : 0) | (call.isDownlink ? 8 : 0))
                frame.append8(call.port)
                frame.append64(call.receivedAt)
                frame.append(call.bytes)
            case .encode(let call):
                frame.append8(WireOperation.encode.rawValue)
                frame.append32(slot)
                frame.append8(call.flavour.rawValue | (call.isDryRun ? 4 : 0))
                frame.append8(call.port)
                frame.append(call.fieldsJSON)
            case .call(let function, let inputJSON):
                frame.append8(WireOperation.call.rawValue)
                frame.append32(slot)
                frame.append8(function.rawValue)
                frame.append(inputJSON)
            case .list:
                frame.append8(WireOperation.list.rawValue)
                frame.append32(slot)
            }
        }
        frame.end()
    }

    /// Sends the frame and waits for its answers or for the worker to overstep.
    private mutating func exchange(_ batch: inout [CodecJob]) {
        guard worker?.send(frame.octets) == true else {
            lose(&batch, .ended)
            return
        }
        var watch = WorkerWatch(configuration: context.configuration)
        while true {
            switch worker?.receive(waitingMilliseconds: 4) {
            case .answer:
                if accept(&batch) { deliver(batch) } else { lose(&batch, .ended) }
                return
            case .ended, nil:
                lose(&batch, .ended)
                return
            case .nothing:
                guard let verdict = watch.look(at: worker) else { continue }
                lose(&batch, verdict)
                return
            }
        }
    }

    /// Reads the answers into the batch; false when they do not fit it.
    private mutating func accept(_ batch: inout [CodecJob]) -> Bool {
        let (speech, context) = (speech, context)
        var calls = 0
        let isWhole = worker?.withAnswer { reader in
            var reader = reader
            for index in batch.indices where batch[index].answer == nil {
                // The octets come after their count and the time they took.
                guard let count = reader.next32(), let microseconds = reader.next32(),
                    let octets = reader.nextBytes(count: Int(count))
                else { return false }
                batch[index].answer = Envelope(octets, speech: speech).answer(to: batch[index].request)
                calls += 1
                if microseconds > 1000, context.router.charge(batch[index].applicationID, microseconds: microseconds) {
                    context.logger.warning(
                        "formatter_slow", ["application_id": batch[index].applicationID, "microseconds": Int(microseconds)]
                    )
                }
            }
            return reader.isAtEnd
        }
        context.metrics.scriptCalls.add(calls)
        return isWhole == true
    }

    private mutating func deliver(_ batch: [CodecJob]) {
        var index = 0
        while index < batch.count {
            let application = batch[index].applicationID
            var count = 0
            while index < batch.count, batch[index].applicationID == application {
                if let answer = batch[index].answer {
                    context.metrics.count(answer)
                    batch[index].deliver(answer)
                }
                index += 1
                count += 1
            }
            context.router.finish(application, count: count, isPenalty: context.isPenalty)
        }
    }

    // MARK: Lost workers

    /// Ends the worker, gives the call it was running its failure and puts the batch back in front.
    private mutating func lose(_ batch: inout [CodecJob], _ verdict: WorkerWatch.Verdict) {
        let running = Int(worker?.page.runningCall ?? 0)
        let function = worker?.page.stage
        let status = worker?.end() ?? 0
        worker = nil
        hasWorkerEnded = true
        slots.removeAll()
        let (code, text) = verdict.problem(status: status)
        let open = batch.indices.filter { batch[$0].answer == nil }
        if running > 0, running <= open.count {
            let index = open[running - 1]
            batch[index].answer = batch[index].failed(code, function: function, text: text, limit: speech.limitMilliseconds)
            let application = batch[index].applicationID
            _ = context.router.charge(application, microseconds: nil)
            context.logger.warning(
                "formatter_stopped", ["application_id": application, "reason": verdict.reason, "status": Int(status)]
            )
        } else {
            context.logger.error("worker_ended", ["reason": verdict.reason, "status": Int(status)])
            for index in open {
                batch[index].losses += 1
                guard batch[index].losses > 1 else { continue }
                batch[index].answer = batch[index].failed(
                    .died, function: nil, text: "ended twice (wait status \(status))", limit: speech.limitMilliseconds
                )
            }
        }
        pending.insert(contentsOf: batch, at: 0)
    }

    private mutating func startWorker() throws(CodecError) {
        guard worker == nil else { return }
        guard MonotonicTime.now >= nextAttempt else { throw .workerSilent }
        do {
            let process = try WorkerProcess(configuration: context.configuration, niceness: context.isPenalty ? 19 : 0)
            try process.waitUntilReady()
            worker = process
        } catch {
            nextAttempt = MonotonicTime.now.advanced(by: .seconds(1))
            context.logger.error("worker_not_started", ["reason": error.reason, "detail": error.description])
            throw error
        }
        slots.removeAll()
        if hasWorkerEnded { context.metrics.restarts.add() }
    }

    // MARK: Housekeeping

    private mutating func forwardPenalized() {
        guard !context.isPenalty, context.router.hasPenalized else { return }
        var kept: [CodecJob] = []
        var moved: [CodecJob] = []
        var verdicts: [String: Bool] = [:]
        for job in pending {
            let isPenalized = verdicts[job.applicationID] ?? context.router.isPenalized(job.applicationID)
            verdicts[job.applicationID] = isPenalized
            if isPenalized { moved.append(job) } else { kept.append(job) }
        }
        pending = kept
        guard !moved.isEmpty else { return }
        for job in moved { context.router.forward(job.applicationID) }
        for var job in context.forward(moved) {
            job.answer = job.answer ?? job.failed(
                .refused, function: nil, text: "its queue is full", limit: speech.limitMilliseconds
            )
            context.metrics.refused.add()
            if let answer = job.answer { job.deliver(answer) }
            context.router.finish(job.applicationID, count: 1, isPenalty: true)
        }
    }

    /// Gives memory back after a quiet time. A worker for those that overstep is not kept at all.
    private mutating func trim() {
        isTrimmed = true
        if context.isPenalty {
            worker = nil
            slots.removeAll()
            return
        }
        guard worker != nil else { return }
        frame.begin()
        slots.dropAll(frame: &frame)
        frame.append8(WireOperation.release.rawValue)
        frame.end()
        if worker?.send(frame.octets) != true { worker = nil }
    }
}
