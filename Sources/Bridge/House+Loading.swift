// SPDX-License-Identifier: Apache-2.0
internal import Concurrency
internal import LoRaWAN
internal import NetworkServer
internal import Observability
internal import Store
internal import Synchronization

/// What a start brings from the store into memory.
extension House {
    /// Devices read and not yet taken by their shards.
    private static let devicesUnderWay = 16_384

    /// Applications, devices and sessions; a thread for each shard reads a part of the devices.
    func load() async throws(BridgeError) {
        let (store, registry, parts) = (store, registry, shards.count)
        let prepared = await runBlocking("load") { () -> Result<(queues: Queues, ranges: [DeviceRange]), StoreError> in
            do throws(StoreError) {
                for application in try store.applications() { registry.put(application) }
                registry.reserve(try store.deviceCount())
                var queues: Queues = [:]
                try store.forEachDownlink { queues[$0.devEUI, default: []].append($0.payload) }
                return .success((queues, try store.deviceRanges(parts)))
            } catch {
                return .failure(error)
            }
        }
        let (queues, ranges) = try prepared.asBridgeResult()
        let credits = Credits(limit: Self.devicesUnderWay)
        let results = await withTaskGroup(of: Result<Int, StoreError>.self) { group in
            for (index, range) in ranges.enumerated() {
                group.addTask {
                    await runBlocking("load-\(index)") { self.load(range, queues, credits) }
                }
            }
            var results: [Result<Int, StoreError>] = []
            for await result in group { results.append(result) }
            return results
        }
        var count = 0
        for result in results { count += try result.asBridgeResult() }
        for shard in shards.indices { await inspect(shard: shard) { _ in } }
        logger.info("loaded", ["devices": count])
    }

    /// The stored downlinks of devices.
    private typealias Queues = [EUI64: [[UInt8]]]

    /// Reads a part of the devices; tells how many of them can serve.
    private func load(_ range: DeviceRange, _ queues: Queues, _ credits: Credits) -> Result<Int, StoreError> {
        var count = 0
        do throws(StoreError) {
            try store.forEachStoredDevice(in: range) { page in
                for (devEUI, error) in page.unreadable {
                    logger.error(
                        "device_unreadable",
                        ["dev_eui": devEUI.hex, "reason": error.reason, "error": error.description],
                    )
                }
                count += register(page.devices, queues, credits)
            }
            return .success(count)
        } catch {
            return .failure(error)
        }
    }

    /// Puts devices into the registry and their shards; tells how many can serve.
    private func register(_ devices: [StoredDevice], _ queues: Queues, _ credits: Credits) -> Int {
        var commands = [[ShardCommand]](repeating: [], count: shards.count)
        var entries: [DeviceEntry] = []
        entries.reserveCapacity(devices.count)
        for device in devices {
            guard let enrolment = enrolment(of: device.record) else { continue }
            let restored = RestoredDevice(
                session: device.session,
                joinState: device.joinState,
                downlinks: queues.isEmpty ? [] : queues[device.record.devEUI] ?? [],
            )
            entries.append(enrolment.entry)
            commands[router.shard(of: device.record.devEUI)].append(
                .register(enrolment.entry, enrolment.profile, restored: restored)
            )
        }
        registry.put(entries)
        // Shards may be slower than the reading: what is under way is bounded.
        _ = credits.take(entries.count)
        for (index, list) in commands.enumerated() where !list.isEmpty {
            shards[index].submit(list + [.inspect { _ in credits.giveBack(list.count) }])
        }
        return entries.count
    }

    /// What a stored registration means; nil, with a word in the log, when it cannot serve.
    private func enrolment(of record: DeviceRecord) -> Enrolment? {
        guard let application = registry.application(record.applicationID) else { return nil }
        do throws(RegistrationError) {
            return try enrolment(of: record, in: application)
        } catch {
            logger.error(
                "device_unusable",
                ["app_id": record.applicationID, "dev_id": record.deviceID, "error": error.description],
            )
            return nil
        }
    }
}
