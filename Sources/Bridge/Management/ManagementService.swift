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
            return refuse(address, error.fault)
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
                return refuse(address, fault)
            }
            address.topic = wanted
        }
        if job.message.isRetained {
            let fault = ManagementFault(
                .invalidArgument,
                "a request must not be retained: it would be done at every start"
            )
            return refuse(address, fault)
        }
        await handle(request, topic, address)
    }

    private func handle(_ request: ManagementRequest, _ topic: ManagementTopic, _ address: AnswerAddress) async {
        var notes = RequestNotes(address, keep: nil)
        do throws(ManagementFault) {
            let earlier = try await earlier(request, topic)
            if let earlier, earlier.isFinal {
                metrics.repeated.add()
                return send(earlier.answer, address)
            }
            notes = self.notes(of: request, topic, address, progress: earlier?.answer)
            let deed = try await perform(request, topic, notes)
            if Self.isReading(topic) {
                look(deed, notes, address)
            } else {
                try await complete(deed, notes, address)
            }
        } catch {
            let answer = address.octets(.failure(error))
            if error.code.isPassing {
                // What was noted for a commit that failed is not so.
                if let id = request.requestID { answers.forget(topic.answerScope, id) }
            } else if notes.isKept {
                // Nothing was changed: there is nothing to wait for.
                house.committer.submit(CommitUnit(mutations: notes.answer(answer)))
            }
            tell(error, answer, to: address)
        }
    }

    private func notes(
        of request: ManagementRequest,
        _ topic: ManagementTopic,
        _ address: AnswerAddress,
        progress: [UInt8]?,
    ) -> RequestNotes {
        guard let id = request.requestID else { return RequestNotes(address, keep: nil) }
        let (answers, house, fingerprint) = (answers, house, request.fingerprint)
        return RequestNotes(address, progress: progress) { octets, isFinal in
            let now = house.now()
            let entry = AnswerBook.Entry(fingerprint: fingerprint, answer: octets, answeredAt: now, isFinal: isFinal)
            return answers.note(topic.answerScope, id, entry)
        }
    }

    /// What was noted of the same request before.
    private func earlier(
        _ request: ManagementRequest,
        _ topic: ManagementTopic,
    ) async throws(ManagementFault) -> AnswerBook.Entry? {
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
        return found
    }

    /// Answers a request that changed nothing.
    private func look(_ deed: Deed, _ notes: RequestNotes, _ address: AnswerAddress) {
        let answer = address.octets(.success(deed.result))
        if notes.isKept, answer.count <= AnswerBook.readingLimit {
            house.committer.submit(CommitUnit(mutations: notes.answer(answer)))
        }
        metrics.done.add()
        send(answer, address)
    }

    /// Makes a request's changes durable with its answer, and lets them take effect.
    private func complete(
        _ deed: Deed,
        _ notes: RequestNotes,
        _ address: AnswerAddress,
    ) async throws(ManagementFault) {
        var answer = address.octets(.success(deed.result))
        let note = deed.keepsAnswer ? notes.answer(answer) : []
        let unit = CommitUnit(mutations: deed.mutations + note, actions: deed.actions)
        do throws(StoreError) {
            if !unit.isEmpty { try await house.committer.commit(unit) }
        } catch {
            throw ManagementFault(error)
        }
        if let follow = deed.follow {
            let result = await follow()
            if result != deed.result {
                answer = address.octets(.success(result))
                await keep(notes.answer(answer))
            }
        }
        metrics.done.add()
        send(answer, address)
    }

    /// Waits until the final answer is durable, so that nobody hears another one after a crash. The request is done whether
    /// it becomes so or not.
    private func keep(_ mutations: [StoreMutation]) async {
        guard !mutations.isEmpty else { return }
        do throws(StoreError) {
            try await house.committer.commit(mutations)
        } catch {
            logger.error("answer_not_kept", ["reason": error.reason, "error": error.description])
        }
    }

    private static func isReading(_ topic: ManagementTopic) -> Bool {
        switch topic.scope {
        case .admin: AdminMethod(rawValue: topic.method)?.isReading ?? true
        case .application: ApplicationMethod(rawValue: topic.method)?.isReading ?? true
        }
    }

    /// Says why a request is not done.
    func refuse(_ address: AnswerAddress, _ fault: ManagementFault) {
        tell(fault, address.octets(.failure(fault)), to: address)
    }

    private func tell(_ fault: ManagementFault, _ answer: [UInt8], to address: AnswerAddress) {
        metrics.refused.add()
        logger.info(
            "request_refused",
            [
                "topic": address.topic, "method": address.method, "reason": fault.code.rawValue,
                "error": fault.message,
            ],
        )
        send(answer, address)
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
        refuse(address, fault)
    }

    // MARK: Finding the method

    private func perform(
        _ request: ManagementRequest,
        _ topic: ManagementTopic,
        _ notes: RequestNotes,
    ) async throws(ManagementFault) -> Deed {
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
            let call = ApplicationCall(
                application: application,
                members: request.members,
                showsKeys: showsKeys,
                notes: notes,
            )
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
    /// For methods whose changes become durable before they return.
    let notes: RequestNotes

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
