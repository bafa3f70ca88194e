// SPDX-License-Identifier: Apache-2.0
internal import Concurrency
public import Observability
internal import Synchronization

/// Decodes and encodes payloads: Cayenne LPP in process, JavaScript in worker processes that are watched and replaced.
///
/// Results of one application come in the order of its calls. Applications are spread over workers; one that oversteps
/// its limits is moved to a worker for such, so that the others keep their pace.
public final class PayloadCodec: Sendable {
    private struct Running {
        var lanes: [WorkerLane] = []
        var threads: [NamedThread] = []
    }

    private let configuration: CodecConfiguration
    private let logger: Logger
    private let metrics: CodecMetrics
    private let router: LaneRouter
    private let lanes: [WorkerLane]
    private let penaltyLane: WorkerLane
    private let threads = Mutex<[NamedThread]>([])

    /// Makes a codec that does not run yet: `start` does that.
    public init(configuration: CodecConfiguration, logger: Logger, metrics registry: MetricRegistry) {
        let metrics = CodecMetrics(registry)
        let count = max(1, configuration.workers)
        let router = LaneRouter(laneCount: count, penaltySeconds: configuration.penaltySeconds, metrics: metrics)
        func context(_ index: Int, isPenalty: Bool, _ forward: @escaping @Sendable ([CodecJob]) -> [CodecJob])
            -> LaneContext
        {
            LaneContext(
                index: index,
                isPenalty: isPenalty,
                configuration: configuration,
                router: router,
                logger: logger,
                metrics: metrics,
                forward: forward,
            )
        }
        let penaltyLane = WorkerLane(context: context(count, isPenalty: true) { $0 })
        lanes = (0..<count).map { index in
            WorkerLane(context: context(index, isPenalty: false) { jobs in jobs.filter { !penaltyLane.tryPush($0) } })
        }
        self.penaltyLane = penaltyLane
        self.configuration = configuration
        self.logger = logger
        self.metrics = metrics
        self.router = router
    }

    // MARK: Life

    /// Starts the workers and waits until they are ready; blocks for some tens of milliseconds.
    public func start() throws(CodecError) {
        let isReady = BoundedQueue<Result<Void, CodecError>>(capacity: lanes.count)
        let (lanes, penaltyLane) = (lanes, penaltyLane)
        threads.withLock { threads in
            threads = lanes.map { $0.start(isReady: isReady) } + [penaltyLane.start(isReady: nil)]
        }
        var results: [Result<Void, CodecError>] = []
        while results.count < lanes.count { _ = isReady.drain(into: &results) }
        for result in results { try result.get() }
        logger.info("codec_started", ["workers": lanes.count])
    }

    /// Ends the workers after the calls that wait; later calls fail at once.
    public func stop() async {
        for lane in lanes { lane.close() }
        let ended = threads.withLock { threads in
            defer { threads = [] }
            return threads
        }
        let penaltyLane = penaltyLane
        // The lanes hand calls on to the penalty lane until they end: it is closed after them. Joining blocks, so it happens
        // on a thread of its own.
        await withCheckedContinuation { continuation in
            _ = NamedThread("codec-stop") {
                for thread in ended.dropLast() { thread.join() }
                penaltyLane.close()
                ended.last?.join()
                continuation.resume()
            }
        }
    }

    // MARK: Decoding

    /// Decodes and calls `each` with the position of a call and its outcome, as soon as it is known: on the calling thread
    /// for what needs no worker, else on a worker's thread, where it must not block. Waits while a worker's queue is full.
    public func decode(_ calls: [DecodeCall], each: @escaping @Sendable (Int, DecodeOutcome) -> Void) {
        let delivery: CodecJob.Delivery = { position, answer in
            if case .decoded(let outcome) = answer { each(position, outcome) }
        }
        var index = 0
        while index < calls.count {
            let application = calls[index].applicationID
            var jobs: [CodecJob] = []
            jobs.reserveCapacity(calls.count - index)
            while index < calls.count, calls[index].applicationID == application {
                jobs.append(job(calls[index], place: index, delivery))
                index += 1
            }
            submit(jobs, mayWait: true)
        }
    }

    /// Decodes and calls `completion` once with all outcomes in the order of the calls. An array waits for its slowest
    /// call: give calls of one application at a time, or use `each`.
    public func decode(_ calls: [DecodeCall], completion: @escaping @Sendable ([DecodeOutcome]) -> Void) {
        guard !calls.isEmpty else {
            completion([])
            return
        }
        let collector = OutcomeCollector(count: calls.count, completion: completion)
        decode(calls) { index, outcome in collector.collect(outcome, at: index) }
    }

    /// Decodes one payload; refused with a failure when the worker's queue is full.
    public func decode(_ call: DecodeCall) async -> DecodeOutcome {
        await withCheckedContinuation { continuation in
            let job = job(call, place: 0) { _, answer in
                if case .decoded(let outcome) = answer { continuation.resume(returning: outcome) }
            }
            submit([job], mayWait: false)
        }
    }

    // MARK: Encoding

    /// Encodes and calls `completion` with the outcome, under the same rules as `decode`.
    public func encode(_ call: EncodeCall, completion: @escaping @Sendable (EncodeOutcome) -> Void) {
        submit([encodeJob(call, completion)], mayWait: true)
    }

    /// Encodes one set of fields; refused with a failure when the worker's queue is full.
    public func encode(_ call: EncodeCall) async -> EncodeOutcome {
        await withCheckedContinuation { continuation in
            submit([encodeJob(call) { continuation.resume(returning: $0) }], mayWait: false)
        }
    }

    // MARK: For the command line

    /// Calls one function of a script with the JSON text of its input; no two calls share anything.
    func call(_ function: ScriptFunction, formatter: Formatter, inputJSON: [UInt8], as name: String) async
        -> ScriptCallOutcome
    {
        await perform(.call(function, inputJSON: inputJSON), formatter, as: name)
    }

    /// Lists the functions of a script.
    func list(_ formatter: Formatter, as name: String) async -> ScriptCallOutcome {
        await perform(.list, formatter, as: name)
    }

    private func perform(_ request: CodecJob.Request, _ formatter: Formatter, as name: String) async
        -> ScriptCallOutcome
    {
        await withCheckedContinuation { continuation in
            let job = CodecJob(
                applicationID: name,
                formatter: formatter,
                request: request,
                delivery: { _, answer in
                    if case .called(let outcome) = answer { continuation.resume(returning: outcome) }
                },
            )
            job.answer = tooLarge(job)
            submit([job], mayWait: false)
        }
    }

    // MARK: Jobs

    private func job(_ call: DecodeCall, place: Int, _ delivery: @escaping CodecJob.Delivery) -> CodecJob {
        let flags = CallFlags(call)
        let job = CodecJob(
            applicationID: call.applicationID,
            formatter: call.formatter,
            request: .decode(bytes: call.bytes, flags: flags, port: call.port, receivedAt: call.receivedAt),
            place: place,
            delivery: delivery,
        )
        switch call.formatter.kind {
        case .none: job.answer = .decoded(DecodeOutcome())
        case .cayenneLPP:
            metrics.lppCalls.add()
            job.answer = .decoded(CayenneLPPFormatter.decode(call))
        case .javascript: job.answer = tooLarge(job)
        case .unknown(let name): job.answer = unknown(name, job)
        }
        return job
    }

    private func encodeJob(_ call: EncodeCall, _ completion: @escaping @Sendable (EncodeOutcome) -> Void) -> CodecJob {
        let flags = CallFlags(call)
        let job = CodecJob(
            applicationID: call.applicationID,
            formatter: call.formatter,
            request: .encode(fieldsJSON: call.fieldsJSON, flags: flags, port: call.port),
            delivery: { _, answer in
                if case .encoded(let outcome) = answer { completion(outcome) }
            },
        )
        switch call.formatter.kind {
        case .none: job.answer = .encoded(EncodeOutcome())
        case .cayenneLPP:
            metrics.lppCalls.add()
            job.answer = .encoded(CayenneLPPFormatter.encode(call))
        case .javascript: job.answer = tooLarge(job)
        case .unknown(let name): job.answer = unknown(name, job)
        }
        return job
    }

    private func unknown(_ name: String, _ job: CodecJob) -> CodecAnswer {
        job.failed(.unknownFormatter, function: nil, text: name, limit: configuration.timeLimitMilliseconds)
    }

    /// The failure of a call whose script or input is too large for a worker.
    private func tooLarge(_ job: CodecJob) -> CodecAnswer? {
        let limit = configuration.timeLimitMilliseconds
        if case .javascript(let scripts) = job.formatter.kind, scripts.byteCount > configuration.scriptLimit {
            let text = "the script has \(scripts.byteCount) octets, at most \(configuration.scriptLimit) are run"
            return job.failed(.engine, function: nil, text: text, limit: limit)
        }
        if case .decode(let bytes, _, _, _) = job.request, bytes.count > SharedPage.inputCapacity {
            let text = "the payload has \(bytes.count) octets, at most \(SharedPage.inputCapacity) are decoded"
            return job.failed(.badInput, function: nil, text: text, limit: limit)
        }
        if job.weight > 16 << 20 { return job.failed(.badInput, function: nil, text: "it is too large", limit: limit) }
        return nil
    }

    /// Brings calls of one application to their lane.
    private func submit(_ jobs: [CodecJob], mayWait: Bool) {
        guard let first = jobs.first else { return }
        let isAnswered = jobs.allSatisfy { $0.answer != nil }
        switch router.admit(first.applicationID, count: jobs.count, isAnswered: isAnswered) {
        case .immediate:
            for job in jobs {
                guard let answer = job.answer else { continue }
                metrics.count(answer)
                job.deliver(answer)
            }
        case .ordinary(let index):
            if mayWait {
                if !lanes[index].push(jobs) { refuse(jobs, isPenalty: false, "the codec is stopped") }
            } else {
                refuse(jobs.filter { !lanes[index].tryPush($0) }, isPenalty: false, "its queue is full or stopped")
            }
        case .penalty(.enough): pushPenalized(jobs)
        case .penalty(.crowded):
            let limit = configuration.timeLimitMilliseconds
            pushPenalized(jobs.map { $0.refused("too many of its calls wait", limit: limit, metrics) })
        case .penalty(.suspended):
            let limit = configuration.timeLimitMilliseconds
            pushPenalized(jobs.map { $0.refused(LaneRouter.suspension, limit: limit, metrics) })
        case .penalty(.none): refuse(jobs, isPenalty: true, "too many of its calls wait")
        }
    }

    private func pushPenalized(_ jobs: [CodecJob]) {
        refuse(jobs.filter { !penaltyLane.tryPush($0) }, isPenalty: true, "its queue is full or stopped")
    }

    private func refuse(_ jobs: [CodecJob], isPenalty: Bool, _ text: String) {
        for job in jobs {
            if let answer = job.refused(text, limit: configuration.timeLimitMilliseconds, metrics).answer {
                metrics.count(answer)
                job.deliver(answer)
            }
            router.finish(job.applicationID, count: 1, isPenalty: isPenalty)
        }
    }
}

/// Gathers the outcomes of one array of calls.
private final class OutcomeCollector: Sendable {
    private struct Gathered {
        var outcomes: [DecodeOutcome]
        var missing: Int
    }

    private let gathered: Mutex<Gathered>
    private let completion: @Sendable ([DecodeOutcome]) -> Void

    init(count: Int, completion: @escaping @Sendable ([DecodeOutcome]) -> Void) {
        gathered = Mutex(Gathered(outcomes: Array(repeating: DecodeOutcome(), count: count), missing: count))
        self.completion = completion
    }

    func collect(_ outcome: DecodeOutcome, at index: Int) {
        let whole: [DecodeOutcome]? = gathered.withLock { gathered in
            gathered.outcomes[index] = outcome
            gathered.missing -= 1
            return gathered.missing == 0 ? gathered.outcomes : nil
        }
        if let whole { completion(whole) }
    }
}
