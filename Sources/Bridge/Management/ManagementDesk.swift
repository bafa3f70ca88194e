// SPDX-License-Identifier: Apache-2.0
internal import MQTTShim
internal import Management
internal import Observability
internal import Store
internal import Synchronization
internal import TTNMessages

/// The management of a running bridge: its connection to the broker, the requests that wait, and the service that does
/// them.
final class ManagementDesk: Sendable {
    private let house: House
    private let queues = RequestQueues()
    private let connections: AsyncStream<Void>
    /// Finished when no request is worked on any more.
    private let ends: AsyncStream<Never>
    private let ended: AsyncStream<Never>.Continuation
    private let answers: AnswerBook
    private let access: AccessControl
    private let service: ManagementService
    private let mqtt: MQTTClient
    private let outlet: Outlet
    private let logger: Logger

    /// Makes the connection without opening it.
    init(_ house: House) throws(BridgeError) {
        let logger = house.logger.named("management")
        let prefix = house.settings.topics.prefix
        // The parts know each other; the last link is closed below.
        let outlet = Outlet()
        let queues = queues
        let (connections, connected) = AsyncStream<Void>.makeStream(bufferingPolicy: .bufferingNewest(1))
        self.connections = connections
        (ends, ended) = AsyncStream.makeStream()
        let access = AccessControl(
            mode: house.settings.accessControl,
            prefix: prefix,
            tenant: house.settings.topics.tenant,
            logger: logger,
            publish: { await outlet.publish(control: $0) },
        )
        let answers = AnswerBook(store: house.store, startedAt: house.now())
        let service = ManagementService(
            house: house,
            answers: answers,
            access: access,
            logger: logger,
            metrics: ManagementMetrics(house.metrics),
            send: { outlet.send($0, to: $1) },
        )
        let filters = ManagementTopic.filters(prefix: prefix)
        let link = ManagementLink(
            prefix: prefix,
            filters: filters,
            readiness: house.readiness,
            connected: { connected.yield() },
            control: { access.receive($0) },
            take: { job in
                if queues.submit(job) { return }
                let problem = "too many requests wait: send the next one after an answer"
                service.refuse(job, ManagementFault(.resourceExhausted, problem))
            },
            undeliverable: { address, error in
                service.refuse(address, ManagementFault(.resourceExhausted, error.description))
            },
            unknown: { logger.warning("request_unknown", ["topic": $0]) },
        )
        var configuration = house.settings.mqtt
        configuration.clientID += "-management"
        // The first connection says who is there.
        configuration.birth = nil
        configuration.will = nil
        do throws(MQTTError) {
            // Figures of the broker's connection are those of the first.
            mqtt = try MQTTClient(
                configuration: configuration,
                delegate: link,
                logger: logger.named("mqtt"),
                metrics: MetricRegistry(),
            )
            var subscriptions = filters.map { MQTTSubscription($0) }
            if access.mode != .off { subscriptions.append(MQTTSubscription(DynamicSecurity.responseTopic)) }
            try mqtt.subscribe(subscriptions)
        } catch {
            throw .mqtt(error)
        }
        self.house = house
        self.answers = answers
        self.access = access
        self.service = service
        self.logger = logger
        self.outlet = outlet
        outlet.connect(mqtt, link)
    }

    /// Lets the parts go that know each other. Nothing is sent any more.
    deinit { outlet.disconnect() }

    /// Serves until `stop`.
    func run() async {
        mqtt.start()
        let (queues, service, access, connections) = (queues, service, access, connections)
        await withTaskGroup(of: Void.self) { group in
            // The broker may be another, or otherwise configured, after each connection.
            group.addTask { for await _ in connections { await access.begin() } }
            group.addTask { [self] in await tidy() }
            await queues.run { await service.handle($0) }
            group.cancelAll()
        }
        ended.finish()
    }

    /// Ends: a request that was begun is answered within the time, those that wait are told that the service stops.
    func stop(within limit: Duration) async {
        for job in queues.finish() {
            service.refuse(job, ManagementFault(.unavailable, "the service stops: repeat the request in a moment"))
        }
        // Whatever is begun must end before the parts that it waits for do.
        let timer = Task { [ended] in
            try? await Task.sleep(for: limit)
            ended.finish()
        }
        for await _ in ends {}
        timer.cancel()
        await mqtt.stop(drain: .seconds(1))
    }

    /// Forgets answers that nobody may repeat any more.
    private func tidy() async {
        while !Task.isCancelled {
            house.committer.submit(CommitUnit(mutations: [answers.expiry(at: house.now())]))
            try? await Task.sleep(for: .seconds(60))
        }
    }
}

/// The way out, which is there only after those who use it.
private final class Outlet: Sendable {
    private let ends = Mutex<(mqtt: MQTTClient, link: ManagementLink)?>(nil)

    func connect(_ mqtt: MQTTClient, _ link: ManagementLink) {
        ends.withLock { $0 = (mqtt, link) }
    }

    func disconnect() {
        ends.withLock { $0 = nil }
    }

    func send(_ answer: [UInt8], to address: AnswerAddress) {
        guard let ends = ends.withLock({ $0 }) else { return }
        ends.mqtt.publish([ends.link.publication(of: answer, to: address)])
    }

    func publish(control message: [UInt8]) async -> MQTTPublishOutcome? {
        guard let mqtt = ends.withLock({ $0?.mqtt }) else { return nil }
        do throws(MQTTError) {
            return try await mqtt.publish(topic: DynamicSecurity.commandTopic, payload: message)
        } catch {
            return .failed(error)
        }
    }
}
