// SPDX-License-Identifier: Apache-2.0
internal import Concurrency
internal import LoRaWAN
internal import MQTTShim
internal import NetworkServer
internal import Observability
internal import PayloadCodec
internal import RANClient
internal import Store
internal import Synchronization
internal import TTNMessages

/// All parts of a running bridge, wired. Made whole or not at all.
final class House: Sendable {
    let settings: BridgeSettings
    let store: any Store
    let logger: Logger
    let registry: Registry
    let committer: Committer
    let dispatcher: CommitDispatcher
    let publisher: Publisher
    let shards: [Shard]
    let coverages: [CoverageLink]
    /// One for each coverage.
    let keepers: [RouteKeeper]
    let lanes: RequestLanes
    let desk: DownlinkDesk
    let groups: GroupDesk
    /// Rings when the RANs must be told of groups.
    let groupBell: Bell
    let readiness: Readiness
    let codec: PayloadCodec
    let mqtt: MQTTClient
    let router: UpstreamRouter
    let credits: Credits
    let rows: OutboxRows
    let history = EventHistory()
    /// Made when the house starts; it knows the house.
    let management = Mutex<ManagementDesk?>(nil)
    let metrics: MetricRegistry
    let coverageRegions: [CoverageRegion]
    let lastEarlierRow: Int64
    let metricsEndpoint = Mutex<MetricsEndpoint?>(nil)

    init(
        settings: BridgeSettings,
        store: any Store,
        logger: Logger,
        metrics: MetricRegistry,
    ) async throws(BridgeError) {
        self.settings = settings
        self.store = store
        self.logger = logger
        self.metrics = metrics
        let behind = try await runBlocking("outbox-scan") { House.backlog(of: store) }.asBridgeResult()
        lastEarlierRow = behind.last?.id ?? 0
        let lastNumber = try await runBlocking("numbers") { [lastEarlierRow] () -> Result<Int64, StoreError> in
            let wall = UnixTime(nanoseconds: WallClock.nanoseconds)
            do throws(StoreError) {
                return .success(try NumberRange.reserve(in: store, at: wall, above: lastEarlierRow))
            } catch {
                return .failure(error)
            }
        }.asBridgeResult()
        rows = OutboxRows(after: lastNumber)
        let registry = Registry(formatters: settings.formatters)
        let credits = Credits(limit: settings.upstreamLimit)
        let publisher = Publisher(limit: settings.publishLimit, behind: behind, metrics: metrics)
        let dispatcher = CommitDispatcher(publisher: publisher, credits: credits)
        let committer = Committer(store: store, logger: logger, metrics: metrics) { units in
            dispatcher.perform(units).map(\.amendment)
        }
        let shards = (0..<settings.shardCount).map { Shard(index: $0) }
        let started = MonotonicTime.now
        let note: @Sendable (StaticString) -> Void = { event in
            logger.info(
                event,
                [
                    "devices": registry.deviceCount, "coverages": settings.coverages.count,
                    "after_ms": MonotonicTime.now.since(started).wholeNanoseconds / 1_000_000,
                ],
            )
        }
        let readiness = Readiness(House.milestones(settings), serving: { note("serving") }, ready: { note("ready") })
        let codec = PayloadCodec(configuration: settings.codec, logger: logger, metrics: metrics)
        let router = UpstreamRouter(shards: shards, credits: credits, firstTransaction: UInt64(lastNumber) << 8)
        let links = settings.coverages.enumerated().map { index, coverage in
            CoverageLink(
                index: index,
                settings: coverage,
                readiness: readiness,
                logger: logger,
                metrics: metrics,
                take: { router.route($0, coverage: index) },
                event: { router.route($0) },
                changed: { router.note(coverage: index, isOpen: $0) },
            )
        }
        coverages = links
        keepers = zip(links, settings.coverages).map { link, coverage in
            House.keeper(
                of: link,
                coverage,
                store: store,
                committer: committer,
                registry: registry,
                shards: shards,
                router: router,
            )
        }
        lanes = RequestLanes(count: 16, topics: settings.topics) { message in
            logger.warning("request_unknown", ["topic": message.topic])
        }
        let filters = settings.topics.requestFilters(for: settings.formats)
        let link = BrokerLink(lanes: lanes, publisher: publisher, readiness: readiness, filters: filters)
        do throws(MQTTError) {
            mqtt = try MQTTClient(configuration: settings.mqtt, delegate: link, logger: logger, metrics: metrics)
            try mqtt.subscribe(filters.map { MQTTSubscription($0) })
        } catch {
            throw .mqtt(error)
        }
        coverageRegions = settings.coverages.map { CoverageRegion(name: $0.name, region: $0.region) }
        let bell = Bell(hearers: settings.coverages.count)
        let groups = GroupDesk(
            book: GroupBook(),
            profiles: GroupProfiles(registry: registry, coverages: coverageRegions),
            logger: logger.named("groups"),
            commit: { mutations throws(StoreError) in try await committer.commit(mutations) },
            restore: { address throws(StoreError) in try await RestoredGroup.read(address, from: store) },
            submit: { address, command in shards[router.shard(of: address)].submit(command) },
            mirror: { bell.ring() },
        )
        desk = DownlinkDesk(
            registry: registry,
            groups: groups,
            codec: codec,
            ids: rows,
            logger: logger.named("requests"),
            metrics: RequestMetrics(metrics),
            refusals: RefusalRate(),
            now: { UnixTime(nanoseconds: WallClock.nanoseconds) },
            enqueue: { devEUI, items, schedule, done in
                shards[router.shard(of: devEUI)].submit(.enqueue(devEUI, items, schedule, with: [], done: done))
            },
            announce: { publisher.announce($0) },
        )
        groupBell = bell
        self.groups = groups
        self.registry = registry
        self.router = router
        self.credits = credits
        self.publisher = publisher
        self.dispatcher = dispatcher
        self.committer = committer
        self.shards = shards
        self.readiness = readiness
        self.codec = codec
    }

    private static func milestones(_ settings: BridgeSettings) -> Set<Readiness.Milestone> {
        var milestones: Set<Readiness.Milestone> = [.broker, .management]
        for (index, coverage) in settings.coverages.enumerated() {
            milestones.insert(.routingTable(index))
            milestones.insert(.groups(index))
            milestones.insert(.downstream(index))
            for socket in 0..<coverage.upstreamConnections {
                milestones.insert(.upstream(coverage: index, socket: socket))
            }
        }
        return milestones
    }
}
