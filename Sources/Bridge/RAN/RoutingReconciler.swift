// SPDX-License-Identifier: Apache-2.0
internal import Concurrency
internal import LoRaWAN
internal import Observability
internal import RANClient
internal import Store

/// Brings a coverage's routing table in line with the registry: adds what is missing, mends what differs, drops what this
/// service made and no longer needs, and touches nothing else.
struct RoutingReconciler: Sendable {
    let coverage: String
    let table: RoutingTable
    let store: any Store
    let commit: @Sendable ([StoreMutation]) async throws(StoreError) -> Void
    let logger: Logger
    /// Rows that may be dropped at once without asking: a share of the table, and at least this many.
    let dropShare = 0.05
    let dropFloor = 10
    /// Calls to the RAN under way at once.
    let parallelCalls = 8

    /// One pass. Devices that the RAN refuses are reported and do not stop the others.
    ///
    /// - Throws: when the table cannot be read.
    func reconcile(_ wanted: [WantedRoute]) async throws(RANError) {
        let rows = try await table.select()
        let ours = await ownRows() ?? []
        var plan = RoutingPlan(wanted: wanted, table: rows, ours: ours)
        if plan.drops.count > max(dropFloor, Int(Double(rows.count) * dropShare)) {
            logger.error(
                "routing_drop_refused",
                [
                    "coverage": coverage, "rows": plan.drops.count, "table": rows.count,
                    "error": "more than 5 % of the routing table would be dropped at once; nothing was dropped",
                ],
            )
            plan.drops = []
        }
        guard !plan.isEmpty else { return }
        let failures = await apply(plan)
        await remember(plan, known: ours)
        logger.info(
            "routing_reconciled",
            [
                "coverage": coverage, "inserted": plan.inserts.count, "replaced": plan.replacements.count,
                "updated": plan.updates.count, "dropped": plan.drops.count, "failed": failures,
            ],
        )
    }

    private func apply(_ plan: RoutingPlan) async -> Int {
        if !plan.drops.isEmpty { await attempt("drop") { () async throws(RANError) in try await drop(plan.drops) } }
        let calls =
            plan.inserts.map(RoutingCall.insert) + plan.replacements.map(RoutingCall.replace)
            + plan.updates.map(RoutingCall.update)
        return await withTaskGroup(of: Bool.self) { group in
            var failures = 0
            for (index, call) in calls.enumerated() {
                if index >= parallelCalls, await group.next() == false { failures += 1 }
                group.addTask { await perform(call) }
            }
            for await succeeded in group where !succeeded { failures += 1 }
            return failures
        }
    }

    private func perform(_ call: RoutingCall) async -> Bool {
        await attempt(call.word, devEUI: call.route.devEUI) { () async throws(RANError) in
            switch call {
            case .insert(let route): try await insert(route)
            case .replace(let route):
                try await drop([route.devEUI])
                try await insert(route)
            case .update(let route): try await activate(route)
            }
        }
    }

    private func insert(_ route: WantedRoute) async throws(RANError) {
        if let joinEUI = route.joinEUI {
            _ = try await table.insert(devEUI: route.devEUI, joinEUI: joinEUI)
            try await activate(route)
        } else if let devAddr = route.devAddr {
            _ = try await table.insert(devEUI: route.devEUI, devAddr: devAddr)
        }
    }

    /// Routes the address of a session that began before the row was made.
    private func activate(_ route: WantedRoute) async throws(RANError) {
        guard let joinEUI = route.joinEUI, let devAddr = route.devAddr else { return }
        _ = try await table.update(devEUI: route.devEUI, joinEUI: joinEUI, activeDevAddr: devAddr)
    }

    private func drop(_ devices: [EUI64]) async throws(RANError) {
        for start in stride(from: 0, to: devices.count, by: 500) {
            _ = try await table.delete(devEUIs: Array(devices[start..<min(start + 500, devices.count)]))
        }
    }

    @discardableResult
    private func attempt(
        _ word: String,
        devEUI: EUI64? = nil,
        _ body: () async throws(RANError) -> Void,
    ) async -> Bool {
        do throws(RANError) {
            try await body()
            return true
        } catch {
            logger.error(
                "routing_call_failed",
                [
                    "coverage": coverage, "call": word, "dev_eui": devEUI?.hex ?? "-", "reason": error.reason,
                    "error": error.description,
                ],
            )
            return false
        }
    }

    /// The devices that this service made rows for; nil, with a word in the log, when that cannot be read: then nothing
    /// may be dropped.
    private func ownRows() async -> Set<EUI64>? {
        let (coverage, store) = (coverage, store)
        let rows = await runBlocking("routes") { () -> Result<Set<EUI64>, StoreError> in
            var own: Set<EUI64> = []
            var last: EUI64?
            do throws(StoreError) {
                while let end = try store.routes(of: coverage, after: last, limit: 1000).readDevices(into: &own) {
                    last = end
                }
                return .success(own)
            } catch {
                return .failure(error)
            }
        }
        switch rows {
        case .success(let own): return own
        case .failure(let error):
            logger.error(
                "routes_unreadable",
                ["coverage": coverage, "reason": error.reason, "error": error.description],
            )
            return nil
        }
    }

    private func remember(_ plan: RoutingPlan, known: Set<EUI64>) async {
        var mutations = (plan.inserts + plan.replacements).filter { !known.contains($0.devEUI) }.map {
            StoreMutation.putRoute(RouteRecord(coverage: coverage, devEUI: $0.devEUI, state: []))
        }
        mutations += plan.drops.map { .deleteRoute(coverage: coverage, devEUI: $0) }
        do throws(StoreError) {
            try await commit(mutations)
        } catch {
            logger.error("routing_not_remembered", ["coverage": coverage, "reason": error.reason])
        }
    }
}

extension [RouteRecord] {
    /// Adds the devices to a set; tells the last one, nil when there is none.
    fileprivate func readDevices(into devices: inout Set<EUI64>) -> EUI64? {
        devices.formUnion(map(\.devEUI))
        return last?.devEUI
    }
}

private enum RoutingCall: Sendable {
    case insert(WantedRoute)
    case replace(WantedRoute)
    case update(WantedRoute)

    var route: WantedRoute {
        switch self {
        case .insert(let route), .replace(let route), .update(let route): route
        }
    }

    var word: String {
        switch self {
        case .insert: "insert"
        case .replace: "replace"
        case .update: "update"
        }
    }
}
