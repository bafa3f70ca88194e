// SPDX-License-Identifier: Apache-2.0
internal import JSON
internal import LoRaWAN
internal import MQTTShim
internal import Management
internal import Observability
internal import Store

/// Does what management requests ask: reads and checks, has changes made durable together with their answers, lets them
/// take effect, and answers.
struct ManagementService: Sendable {
    let house: House
    let answers: AnswerBook
    let access: AccessControl
    let logger: Logger
    let metrics: ManagementMetrics
    /// How long an answer waits for the RAN.
    let ranPatience: Duration = .seconds(2)
    /// Hands an answer to the broker.
    let send: @Sendable ([UInt8], AnswerAddress) -> Void

    /// Works on one request to its answer.
    func handle(_ job: ManagementJob) async {
        let topic = job.topic
        let properties = job.message.properties
        var address = AnswerAddress(
            topic: topic.responseTopic,
            correlation: properties.correlationData,
            method: topic.method,
        )
        let request: ManagementRequest
        do throws(UnreadableRequest) {
            request = try ManagementRequest(method: topic.method, body: job.message.payload)
        } catch {
            address.requestID = error.requestID
            address.topic = topic.responseTopic(requestID: error.requestID)
            if let wanted = properties.responseTopic, topic.allows(responseTopic: wanted) { address.topic = wanted }
            return answer(.failure(error.fault), to: address)
        }
        address.requestID = request.requestID
        address.topic = topic.responseTopic(requestID: request.requestID)
        if let wanted = properties.responseTopic {
            guard topic.allows(responseTopic: wanted) else {
                let fault = ManagementFault(
                    .invalidArgument,
                    "the response topic must lie below \(topic.responseTopic)/ and hold no wildcard",
                    field: "response_topic",
                )
                return answer(.failure(fault), to: address)
            }
            address.topic = wanted
        }
        if job.message.isRetained {
            let fault = ManagementFault(
                .invalidArgument,
                "a request must not be retained: it would be done at every start"
            )
            return answer(.failure(fault), to: address)
        }
        await handle(request, topic, address)
    }

    private func handle(_ request: ManagementRequest, _ topic: ManagementTopic, _ address: AnswerAddress) async {
        do throws(ManagementFault) {
            if let former = try await earlierAnswer(to: request, topic) {
                metrics.repeated.add()
                return send(former, address)
            }
            let deed = try await perform(request, topic)
            try await complete(deed, request, topic, address, isReading: Self.isReading(topic))
        } catch {
            if let id = request.requestID, !error.code.isPassing {
                house.committer.submit(CommitUnit(mutations: [note(.failure(error), id, request, topic, address)]))
            }
            answer(.failure(error), to: address)
        }
    }

    /// What was said to the same request before.
    private func earlierAnswer(
        to request: ManagementRequest,
        _ topic: ManagementTopic,
    ) async throws(ManagementFault) -> [UInt8]? {
        guard let id = request.requestID else { return nil }
        let found: AnswerBook.Entry?
        do throws(StoreError) {
            found = try await answers.find(topic.answerScope, id, at: house.now())
        } catch {
            throw ManagementFault(error)
        }
        guard let found else { return nil }
        guard found.fingerprint == request.fingerprint else {
            throw .invalid("request_id", "was used for another request in the last five minutes")
        }
        return found.answer
    }

    private func complete(
        _ deed: Deed,
        _ request: ManagementRequest,
        _ topic: ManagementTopic,
        _ address: AnswerAddress,
        isReading: Bool,
    ) async throws(ManagementFault) {
        if isReading {
            if let id = request.requestID {
                let note = note(.success(deed.result), id, request, topic, address)
                if case .putAnswer(let record) = note, record.payload.count <= AnswerBook.readingLimit {
                    house.committer.submit(CommitUnit(mutations: [note]))
                }
            }
            return answer(.success(deed.result), to: address)
        }
        var unit = CommitUnit(mutations: deed.mutations, actions: deed.actions)
        if let id = request.requestID {
            unit.mutations.append(note(.success(deed.result), id, request, topic, address))
        }
        do throws(StoreError) {
            try await house.committer.commit(unit)
        } catch {
            if let id = request.requestID { answers.forget(topic.answerScope, id) }
            throw ManagementFault(error)
        }
        var result = deed.result
        if let follow = deed.follow {
            result = await follow()
            if let id = request.requestID, result != deed.result {
                house.committer.submit(
                    CommitUnit(mutations: [note(.success(result), id, request, topic, address)])
                )
            }
        }
        answer(.success(result), to: address)
    }

    private static func isReading(_ topic: ManagementTopic) -> Bool {
        switch topic.scope {
        case .admin: AdminMethod(rawValue: topic.method)?.isReading ?? true
        case .application: ApplicationMethod(rawValue: topic.method)?.isReading ?? true
        }
    }

    private func note(
        _ outcome: Result<JSONValue, ManagementFault>,
        _ id: String,
        _ request: ManagementRequest,
        _ topic: ManagementTopic,
        _ address: AnswerAddress,
    ) -> StoreMutation {
        let answer = ManagementAnswer(requestID: id, method: address.method, outcome: outcome)
        return answers.note(
            topic.answerScope,
            id,
            AnswerBook.Entry(
                fingerprint: request.fingerprint,
                answer: answer.octets,
                answeredAt: house.now(),
            ),
        )
    }

    /// Says what became of a request.
    func answer(_ outcome: Result<JSONValue, ManagementFault>, to address: AnswerAddress) {
        switch outcome {
        case .success: metrics.done.add()
        case .failure(let fault):
            metrics.refused.add()
            logger.info(
                "request_refused",
                [
                    "topic": address.topic, "method": address.method, "reason": fault.code.rawValue,
                    "error": fault.message,
                ],
            )
        }
        let answer = ManagementAnswer(requestID: address.requestID, method: address.method, outcome: outcome)
        send(answer.octets, address)
    }

    /// Answers a request that is not worked on.
    func refuse(_ job: ManagementJob, _ fault: ManagementFault) {
        let request: ManagementRequest?
        do throws(UnreadableRequest) {
            request = try ManagementRequest(method: job.topic.method, body: job.message.payload)
        } catch {
            request = nil
        }
        var topic = job.topic.responseTopic(requestID: request?.requestID)
        let wanted = job.message.properties.responseTopic
        if let wanted, job.topic.allows(responseTopic: wanted) { topic = wanted }
        let address = AnswerAddress(
            topic: topic,
            correlation: job.message.properties.correlationData,
            requestID: request?.requestID,
            method: job.topic.method,
        )
        answer(.failure(fault), to: address)
    }

    // MARK: Finding the method

    private func perform(_ request: ManagementRequest, _ topic: ManagementTopic) async throws(ManagementFault) -> Deed {
        switch topic.scope {
        case .admin:
            guard let method = AdminMethod(rawValue: topic.method) else {
                throw Self.noMethod(topic.method, AdminMethod.allCases.map(\.rawValue))
            }
            return try await perform(method, request.members)
        case .application(let id, let showsKeys):
            guard let method = ApplicationMethod(rawValue: topic.method), !showsKeys || method.showsKeys else {
                let methods = ApplicationMethod.allCases.filter { !showsKeys || $0.showsKeys }
                throw Self.noMethod(topic.method, methods.map(\.rawValue))
            }
            guard let application = house.registry.application(id) else {
                throw ManagementFault(.notFound, "there is no application \(id)")
            }
            let call = ApplicationCall(application: application, members: request.members, showsKeys: showsKeys)
            return try await perform(method, call)
        }
    }

    private static func noMethod(_ name: String, _ methods: [String]) -> ManagementFault {
        ManagementFault(.unimplemented, "there is no method \(name); there are \(methods.joined(separator: ", "))")
    }

    private func perform(_ method: ApplicationMethod, _ call: ApplicationCall) async throws(ManagementFault) -> Deed {
        switch method {
        case .get: return try get(call)
        case .setPayloadFormat: return try setPayloadFormat(call)
        case .setCustomPayloadFunctions: return try setCustomPayloadFunctions(call)
        case .unregister: return try await unregister(call)
        case .registerDevice: return try await registerDevice(call)
        case .device: return try await device(call)
        case .deleteDevice: return try await deleteDevice(call)
        case .devices: return try await devices(call)
        case .updateDevice: return try await updateDevice(call)
        case .downlinkQueue: return try await downlinkQueue(call)
        case .clearDownlinkQueue: return try await clearDownlinkQueue(call)
        case .dryUplink: return try await dryUplink(call)
        case .dryDownlink: return try await dryDownlink(call)
        case .simulateUplink: return try await simulateUplink(call)
        case .multicastGroups: return try await multicastGroups(call)
        case .createMulticastGroup: return try await createMulticastGroup(call)
        case .updateMulticastGroup: return try await updateMulticastGroup(call)
        case .deleteMulticastGroup: return try await deleteMulticastGroup(call)
        case .addDeviceToMulticastGroup: return try await changeMembership(call, adds: true)
        case .removeDeviceFromMulticastGroup: return try await changeMembership(call, adds: false)
        case .sendMulticast: return try await sendMulticast(call)
        case .importDevices: return try await importDevices(call)
        case .exportDevices: return try await exportDevices(call)
        case .events: return try await events(call)
        }
    }
}

/// A request to an application, as its method sees it.
struct ApplicationCall: Sendable {
    let application: ApplicationEntry
    var members: RequestMembers
    /// Whether it stands under `request/keys/`.
    let showsKeys: Bool

    var id: String { application.id }
}

/// Counters of management requests.
struct ManagementMetrics: Sendable {
    let done: Counter
    let refused: Counter
    let repeated: Counter

    init(_ registry: MetricRegistry) {
        done = registry.counter("bridge_management_requests_total", ("outcome", "done"))
        refused = registry.counter("bridge_management_requests_total", ("outcome", "refused"))
        repeated = registry.counter("bridge_management_requests_total", ("outcome", "repeated"))
    }
}

extension Committer {
    /// Queues a unit and waits until it is durable.
    func commit(_ unit: CommitUnit) async throws(StoreError) {
        let failure = await withCheckedContinuation { continuation in
            var unit = unit
            unit.completions.append { continuation.resume(returning: $0) }
            submit(unit)
        }
        if let failure { throw failure }
    }
}
