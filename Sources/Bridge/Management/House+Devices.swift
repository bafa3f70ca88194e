// SPDX-License-Identifier: Apache-2.0
internal import Concurrency
internal import LoRaWAN
internal import NetworkServer
internal import Observability
internal import Store
internal import TTNMessages

/// Devices that come, change and go while the service runs.
extension House {
    func now() -> UnixTime { UnixTime(nanoseconds: WallClock.nanoseconds) }

    /// What a registration means here.
    ///
    /// - Throws: when the configuration has not what it names.
    func enrolment(of record: DeviceRecord, in application: ApplicationEntry) throws(RegistrationError) -> Enrolment {
        try Enrolment(record, in: application, coverages: coverageRegions)
    }

    /// Lets a registration that is durable take effect; `former` is what it takes the place of.
    ///
    /// - Parameter isUrgent: whether somebody waits for the RAN.
    func put(_ enrolment: Enrolment, former: DeviceEntry?, isUrgent: Bool) async {
        let entry = enrolment.entry
        if let former, former.devEUI != entry.devEUI { await remove([former], isUrgent: isUrgent) }
        let isKnown = former?.devEUI == entry.devEUI
        // A device that comes back must not accept nonces that it used before it went.
        let restored = isKnown ? nil : await joinState(of: entry.devEUI)
        registry.put(entry)
        shards[router.shard(of: entry.devEUI)].submit(
            .register(entry, enrolment.profile, restored: restored)
        )
        if let former, isKnown, former.coverage != entry.coverage {
            await keepers[former.coverage].release([former.devEUI], isUrgent: isUrgent)
        }
        guard let route = WantedRoute(entry, address: nil) else { return }
        await keepers[entry.coverage].want([route], isUrgent: isUrgent)
    }

    /// The same for many at once, which are all new.
    func put(new enrolments: [Enrolment]) async {
        let store = store
        let devices = enrolments.map(\.entry.devEUI)
        let states = await runBlocking("join-states") {
            devices.map { devEUI in
                do throws(StoreError) { return try store.joinState(devEUI) } catch { return nil }
            }
        }
        var routes: [Int: [WantedRoute]] = [:]
        registry.put(enrolments.map(\.entry))
        for (enrolment, state) in zip(enrolments, states) {
            let entry = enrolment.entry
            let restored = state.map { RestoredDevice(session: nil, joinState: $0, downlinks: []) }
            shards[router.shard(of: entry.devEUI)].submit(
                .register(entry, enrolment.profile, restored: restored)
            )
            if let route = WantedRoute(entry, address: nil) {
                routes[entry.coverage, default: []].append(route)
            }
        }
        for (coverage, routes) in routes { await keepers[coverage].want(routes, isUrgent: false) }
    }

    /// Sets counters of a session, and waits until they are durable together with the mutations.
    func setCounters(of entry: DeviceEntry, _ up: UInt32?, _ down: UInt32?, with mutations: [StoreMutation]) async {
        await withCheckedContinuation { continuation in
            let isTaken = shards[router.shard(of: entry.devEUI)].submit(
                .setCounters(entry.devEUI, up: up, down: down, with: mutations) { continuation.resume() }
            )
            if !isTaken { continuation.resume() }
        }
    }

    /// Takes devices that are no longer registered out of effect.
    func remove(_ entries: [DeviceEntry], isUrgent: Bool) async {
        var released: [Int: [EUI64]] = [:]
        for entry in entries {
            registry.remove(entry)
            shards[router.shard(of: entry.devEUI)].submit(.unregister(entry.devEUI))
            released[entry.coverage, default: []].append(entry.devEUI)
        }
        for (coverage, devices) in released { await keepers[coverage].release(devices, isUrgent: isUrgent) }
    }

    /// Notes that the rows of these devices go, to be durable together with their removal.
    func releases(of entries: [DeviceEntry]) async -> [StoreMutation] {
        var mutations: [StoreMutation] = []
        for entry in entries {
            let keeper = keepers[entry.coverage]
            guard await keeper.owns(entry.devEUI) else { continue }
            mutations.append(
                .putRoute(
                    RouteRecord(
                        coverage: keeper.coverage,
                        devEUI: entry.devEUI,
                        state: RouteMark.released.octets,
                    )
                )
            )
        }
        return mutations
    }

    private func joinState(of devEUI: EUI64) async -> RestoredDevice? {
        let store = store
        let octets = await runBlocking("join-state") { () -> [UInt8]? in
            do throws(StoreError) { return try store.joinState(devEUI) } catch { return nil }
        }
        return octets.map { RestoredDevice(session: nil, joinState: $0, downlinks: []) }
    }

    /// The sessions that devices have, by DevEUI.
    func sessions(of devices: [EUI64]) async -> [EUI64: SessionStatus] {
        var byShard: [Int: [EUI64]] = [:]
        for devEUI in devices { byShard[router.shard(of: devEUI), default: []].append(devEUI) }
        var sessions: [EUI64: SessionStatus] = [:]
        for (index, devices) in byShard {
            let part = await inspect(shard: index) { server in
                var part: [EUI64: SessionStatus] = [:]
                for devEUI in devices { part[devEUI] = server.session(of: devEUI) }
                return part
            }
            sessions.merge(part ?? [:]) { first, _ in first }
        }
        return sessions
    }

    /// Looks at what a shard's network server knows, after all that was asked of it before; nil once it has ended.
    func inspect<Value: Sendable>(
        shard index: Int,
        _ look: @escaping @Sendable (borrowing NetworkServer) -> Value,
    ) async -> Value? {
        await withCheckedContinuation { continuation in
            let isTaken = shards[index].submit(.inspect { continuation.resume(returning: look($0)) })
            if !isTaken { continuation.resume(returning: nil) }
        }
    }

    /// A message that survives a crash: the mutation that keeps it and the action that lets it go.
    func outgoing(_ message: ApplicationMessage, devEUI: EUI64) -> (mutation: StoreMutation, action: CommitAction) {
        let item = OutboxItem(id: rows.next(), devEUI: devEUI, message: message)
        return (item.insertion, .publish(item))
    }

    // MARK: What the configuration file names

    /// Names in the store what of the configuration file was taken away while the service ran: it stays away.
    static func tombstoneName(_ applicationID: String, _ deviceID: String?) -> String {
        "removed:\(applicationID)" + (deviceID.map { "/\($0)" } ?? "")
    }

    /// Keeps an application of the configuration file away.
    func tombstone(application id: String) -> StoreMutation {
        settings.imports.contains { $0.record.id == id }
            ? .putSetting(Self.tombstoneName(id, nil), [1]) : .deleteSetting(Self.tombstoneName(id, nil))
    }

    /// Keeps a device of the configuration file away.
    func tombstone(_ record: DeviceRecord) -> StoreMutation {
        let name = Self.tombstoneName(record.applicationID, record.deviceID)
        let isImported = settings.imports.contains { application in
            application.record.id == record.applicationID
                && application.devices.contains { $0.deviceID == record.deviceID }
        }
        return isImported ? .putSetting(name, [1]) : .deleteSetting(name)
    }
}
