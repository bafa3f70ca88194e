// SPDX-License-Identifier: Apache-2.0
internal import Concurrency
internal import LoRaWAN
internal import NetworkServer
internal import Observability
internal import RANClient
internal import Store

extension House {
    /// Brings the groups of the store into memory.
    func loadGroups() async throws(BridgeError) {
        let records = try await runBlocking("groups") { [store] () -> Result<[MulticastGroupRecord], StoreError> in
            do throws(StoreError) { return .success(try store.multicastGroups()) } catch { return .failure(error) }
        }.asBridgeResult()
        for record in records {
            guard let group = GroupDefinition(record) else {
                logger.error(
                    "group_unusable",
                    [
                        "app_id": record.applicationID, "group_id": record.groupID,
                        "error": "what was stored of it is of no known form",
                    ],
                )
                continue
            }
            await groups.load(group)
        }
        if !records.isEmpty { logger.info("groups_loaded", ["groups": records.count]) }
    }

    /// Keeps the groups of a coverage's RAN in line until cancelled: whenever groups or their devices change, after
    /// failures with growing pauses, and at intervals.
    func keepGroups(of coverage: CoverageLink) async {
        let mirror = GroupMirror(
            coverage: coverage.index,
            name: coverage.name,
            groups: coverage.client.multicastGroups,
            book: groups.book,
            profiles: groups.profiles,
            mirrored: { [store, name = coverage.name] () async throws(StoreError) in
                try await runBlocking("groups") { () -> Result<[GroupMirrorRecord], StoreError> in
                    do throws(StoreError) {
                        return .success(try store.groupMirrors(of: name))
                    } catch {
                        return .failure(error)
                    }
                }.get()
            },
            commit: { [committer] mutations throws(StoreError) in try await committer.commit(mutations) },
            logger: logger.named("groups"),
        )
        var pause: Duration = .seconds(1)
        var timer: Task<Void, Never>?
        defer { timer?.cancel() }
        // The first ring follows the first look at the routing table: members must stand in it.
        for await _ in groupBell.rings(coverage.index) {
            timer?.cancel()
            let isComplete = await mirror.reconcile()
            readiness.reach(.groups(coverage.index))
            let rest: Duration = isComplete ? .seconds(600) : pause * Double.random(in: 0.75...1.25)
            pause = isComplete ? .seconds(1) : min(pause * 2, .seconds(30))
            // Ends with the next pass: the loop above owns it.
            timer = Task { [groupBell] in
                do { try await Task.sleep(for: rest) } catch { return }
                groupBell.ring(coverage.index)
            }
        }
    }
}

extension RestoredGroup {
    /// What the store holds for an address.
    static func read(_ address: DevAddr, from store: any Store) async throws(StoreError) -> RestoredGroup {
        try await runBlocking("groups") { () -> Result<RestoredGroup, StoreError> in
            do throws(StoreError) {
                let downlinks = try store.groupDownlinks(address).map(\.payload)
                return .success(RestoredGroup(session: try store.groupState(address), downlinks: downlinks))
            } catch {
                return .failure(error)
            }
        }.get()
    }
}
