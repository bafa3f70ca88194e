// SPDX-License-Identifier: Apache-2.0
internal import Concurrency
internal import LoRaWAN
internal import MQTTShim
internal import NetworkServer
internal import Observability
internal import PayloadCodec
internal import Store
internal import Synchronization
internal import TTNMessages

extension House {
    /// Rows that an earlier run left in the outbox, oldest first.
    static func backlog(of store: any Store) -> Result<[OutboxHead], StoreError> {
        var rows: [OutboxHead] = []
        do throws(StoreError) {
            while true {
                let page = try store.outboxHeads(after: rows.last?.id ?? 0, limit: 4096)
                guard !page.isEmpty else { return .success(rows) }
                rows += page
            }
        } catch {
            return .failure(error)
        }
    }

    /// Starts every part, innermost first, loads the registry and opens the doors last.
    func start() async throws(BridgeError) {
        try startMetrics()
        do throws(CodecError) { try codec.start() } catch { throw .codec(error) }
        let management = try ManagementDesk(self)
        self.management.withLock { $0 = management }
        try await checkFormatters()
        dispatcher.connect(coverages)
        committer.start()
        startShards()
        for coverage in coverages { router.note(coverage: coverage.index, isOpen: false) }
        try await importApplications()
        try await load()
        try await loadGroups()
        publisher.start(
            PublisherWork(
                registry: registry,
                codec: codec,
                encoders: MessageEncoders(
                    topics: settings.topics,
                    formats: settings.formats,
                    publishesFields: settings.publishesFields,
                ),
                delivery: settings.delivery,
                store: store,
                history: history,
                logger: logger,
                metrics: metrics,
                lastEarlierRow: lastEarlierRow,
                publish: { [mqtt] in mqtt.publish($0) },
                forget: { [committer] in committer.forget($0) },
            ),
            shedder: Shedder(
                limits: settings.queueLimits,
                store: store,
                logger: logger,
                metrics: metrics,
                now: { UnixTime(nanoseconds: WallClock.nanoseconds) },
            ),
        )
        mqtt.start()
        for coverage in coverages { coverage.start() }
    }

    private func startMetrics() throws(BridgeError) {
        guard let address = settings.metricsAddress else { return }
        do throws(MetricsError) {
            let readiness = readiness
            let endpoint = try MetricsEndpoint(address, metrics: metrics) { readiness.isReady }
            metricsEndpoint.withLock { $0 = endpoint }
            logger.info("metrics", ["address": address.host, "port": endpoint.port])
        } catch {
            throw .metrics(error.description)
        }
    }

    private func startShards() {
        let first = router.firstTransaction
        let shards = shards
        let house = ShardSurroundings(
            committer: committer,
            rows: rows,
            messages: MessageFactory(coverages: coverages.map(\.name), netID: settings.network.netID),
            metrics: ShardMetrics(metrics),
            logger: logger.named("network"),
            now: {
                Moment(monotonic: MonotonicTime.now.nanoseconds, wall: UnixTime(nanoseconds: WallClock.nanoseconds))
            },
            forward: { command, index in shards[index].takeOver(command) },
        )
        for shard in shards {
            let place = ShardPlace(index: shard.index, count: shards.count)
            shard.start { [configuration = settings.network] in
                ShardState(
                    server: NetworkServer(configuration: configuration, shard: place, firstTransaction: first),
                    house: house,
                )
            }
        }
    }

    /// Registers what the configuration names and the store does not hold.
    private func importApplications() async throws(BridgeError) {
        let store = store
        let imports = settings.imports
        let logger = logger
        let mutations = await runBlocking("import") { () -> Result<[StoreMutation], StoreError> in
            var mutations: [StoreMutation] = []
            do throws(StoreError) {
                for application in imports {
                    let id = application.record.id
                    // What was taken away while the service ran stays away.
                    guard try store.setting(House.tombstoneName(id, nil)) == nil else { continue }
                    if try store.application(id) == nil {
                        mutations.append(.putApplication(application.record))
                    }
                    for device in application.devices where try House.isMissing(device, in: store, logger) {
                        mutations.append(.putDevice(device))
                    }
                }
                return .success(mutations)
            } catch {
                return .failure(error)
            }
        }
        let wanted = try mutations.asBridgeResult()
        guard !wanted.isEmpty else { return }
        do throws(StoreError) { try await committer.commit(wanted) } catch { throw .store(error) }
        logger.info("imported", ["records": wanted.count])
    }

    /// Whether a device of the configuration is to be registered: what the store holds goes before what the file says.
    private static func isMissing(
        _ device: DeviceRecord,
        in store: any Store,
        _ logger: Logger,
    ) throws(StoreError) -> Bool {
        guard try store.device(device.applicationID, device.deviceID) == nil,
            try store.setting(tombstoneName(device.applicationID, device.deviceID)) == nil
        else { return false }
        guard let owner = try store.device(device.devEUI) else { return true }
        logger.error(
            "import_refused",
            [
                "app_id": device.applicationID, "dev_id": device.deviceID, "dev_eui": device.devEUI.hex,
                "error": "the DevEUI belongs to the device \(owner.deviceID) of \(owner.applicationID)",
            ],
        )
        return false
    }
}

extension Result where Failure == StoreError {
    func asBridgeResult() throws(BridgeError) -> Success {
        switch self {
        case .success(let value): return value
        case .failure(let error): throw .store(error)
        }
    }
}
