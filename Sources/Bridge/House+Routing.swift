// SPDX-License-Identifier: Apache-2.0
internal import LoRaWAN
internal import NetworkServer
internal import Observability
internal import RANClient
internal import Store

extension House {
    /// Keeps a coverage's routing table in line until cancelled.
    func keepRoutingTable(of coverage: CoverageLink) async {
        let keeper = keepers[coverage.index]
        let (readiness, groupBell, index) = (readiness, groupBell, coverage.index)
        guard await keeper.begin() else { return }
        await withTaskGroup(of: Void.self) { group in
            group.addTask { await keeper.keepUp() }
            group.addTask {
                await keeper.keepComparing {
                    readiness.reach(.routingTable(index))
                    groupBell.ring(index)
                }
            }
        }
    }

    /// Makes the keeper of a coverage's table.
    static func keeper(
        of coverage: CoverageLink,
        _ settings: CoverageSettings,
        store: any Store,
        committer: Committer,
        registry: Registry,
        shards: [Shard],
        router: UpstreamRouter,
    ) -> RouteKeeper {
        let index = coverage.index
        return RouteKeeper(
            coverage: coverage.name,
            table: coverage.client.routingTable,
            foreign: settings.foreignRows,
            store: store,
            interval: settings.compareInterval,
            logger: coverage.logger.named("routing"),
            commit: { mutations throws(StoreError) in try await committer.commit(mutations) },
            wantedRoutes: {
                var addresses: [EUI64: DevAddr] = [:]
                for shard in shards {
                    let part = await withCheckedContinuation { continuation in
                        if !shard.submit(.addresses { continuation.resume(returning: $0) }) {
                            continuation.resume(returning: [:])
                        }
                    }
                    if addresses.isEmpty { addresses = part } else { addresses.merge(part) { first, _ in first } }
                }
                return registry.devices.compactMap { entry in
                    entry.coverage == index ? WantedRoute(entry, address: addresses[entry.devEUI]) : nil
                }
            },
            address: { devEUI in
                await withCheckedContinuation { continuation in
                    let isTaken = shards[router.shard(of: devEUI)].submit(
                        .inspect { continuation.resume(returning: $0.address(of: devEUI)) }
                    )
                    if !isTaken { continuation.resume(returning: nil) }
                }
            },
        )
    }
}

extension WantedRoute {
    /// What a registration wants; nil for a device that joins without a JoinEUI, which the RAN cannot route.
    ///
    /// - Parameter address: of the session that a joined device has.
    init?(_ entry: DeviceEntry, address: DevAddr?) {
        if let fixed = entry.devAddr {
            self.init(devEUI: entry.devEUI, joinEUI: nil, devAddr: fixed)
        } else {
            guard let joinEUI = entry.joinEUI else { return nil }
            self.init(devEUI: entry.devEUI, joinEUI: joinEUI, devAddr: address)
        }
    }
}
