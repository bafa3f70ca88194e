// SPDX-License-Identifier: Apache-2.0
internal import Concurrency
internal import LoRaWAN
internal import NetworkServer
internal import Observability
internal import RANClient
internal import Store

extension House {
    /// Keeps a coverage's routing table in line until cancelled: at once, after failures with growing pauses, and then
    /// at intervals.
    func keepRoutingTable(of coverage: CoverageLink) async {
        let reconciler = RoutingReconciler(
            coverage: coverage.name,
            table: coverage.client.routingTable,
            store: store,
            commit: { [committer] mutations throws(StoreError) in try await committer.commit(mutations) },
            logger: logger.named("routing"),
        )
        var pause: Duration = .seconds(1)
        while !Task.isCancelled {
            do throws(RANError) {
                try await reconciler.reconcile(await wantedRoutes(of: coverage))
                readiness.reach(.routingTable(coverage.index))
                pause = .seconds(1)
                await rest(.seconds(600))
            } catch {
                guard !Task.isCancelled else { return }
                logger.named("routing").error(
                    "routing_table_unreachable",
                    [
                        "coverage": coverage.name, "reason": error.reason, "error": error.description,
                        "retry_in_s": pause.components.seconds,
                    ],
                )
                await rest(pause * Double.random(in: 0.75...1.25))
                pause = min(pause * 2, .seconds(30))
            }
        }
    }

    private func rest(_ duration: Duration) async {
        // Cancellation ends the pause; the loop sees it.
        try? await Task.sleep(for: duration)
    }

    private func wantedRoutes(of coverage: CoverageLink) async -> [WantedRoute] {
        var addresses: [EUI64: DevAddr] = [:]
        for shard in shards {
            let part = await withCheckedContinuation { continuation in
                shard.submit(.addresses { continuation.resume(returning: $0) })
            }
            addresses.merge(part) { first, _ in first }
        }
        return registry.devices.compactMap { entry in
            guard entry.profile.coverage == coverage.index else { return nil }
            switch entry.profile.activation {
            case .overTheAir:
                return WantedRoute(
                    devEUI: entry.devEUI,
                    joinEUI: entry.record.joinEUI,
                    devAddr: addresses[entry.devEUI],
                )
            case .personalised(let devAddr, _, _, _):
                return WantedRoute(devEUI: entry.devEUI, joinEUI: nil, devAddr: devAddr)
            }
        }
    }
}
