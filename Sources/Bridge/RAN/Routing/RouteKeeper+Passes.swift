// SPDX-License-Identifier: Apache-2.0
internal import Concurrency
internal import LoRaWAN
internal import Observability
internal import RANClient
internal import Store

/// Comparisons of the whole table.
extension RouteKeeper {
    /// Reads which rows this service made, before anything else; false when cancelled.
    func begin() async -> Bool {
        while !Task.isCancelled {
            if await loadNotes() { return true }
            try? await Task.sleep(for: .seconds(1))
        }
        return false
    }

    /// Compares at once, after failures with growing pauses, and then at intervals, until cancelled.
    ///
    /// - Parameter inLine: called after each comparison that found the RAN, once its changes were tried.
    func keepComparing(_ inLine: @Sendable () -> Void) async {
        var pause: Duration = .seconds(1)
        while !Task.isCancelled {
            do throws(RANError) {
                try await compare()
                await untilIdle()
                inLine()
                pause = .seconds(1)
                try? await Task.sleep(for: interval)
            } catch {
                guard !Task.isCancelled else { return }
                logger.error(
                    "routing_table_unreachable",
                    [
                        "coverage": coverage, "reason": error.reason, "error": error.description,
                        "retry_in_s": pause.components.seconds,
                    ],
                )
                try? await Task.sleep(for: pause * Double.random(in: 0.75...1.25))
                pause = min(pause * 2, .seconds(30))
            }
        }
    }

    /// Which rows the store calls ours.
    private func loadNotes() async -> Bool {
        let (store, coverage) = (store, coverage)
        let result = await runBlocking("routes") { () -> Result<[RouteRecord], StoreError> in
            var records: [RouteRecord] = []
            do throws(StoreError) {
                while true {
                    let page = try store.routes(of: coverage, after: records.last?.devEUI, limit: 1000)
                    if page.isEmpty { return .success(records) }
                    records += page
                }
            } catch {
                return .failure(error)
            }
        }
        switch result {
        case .success(let records):
            for record in records {
                var row = rows[record.devEUI] ?? Row()
                row.isOurs = true
                if row.wanted == nil { row.isReleased = RouteMark(octets: record.state) == .released }
                rows[record.devEUI] = row
            }
            return true
        case .failure(let error):
            logger.error("routing_notes_unreadable", ["coverage": coverage, "reason": error.reason])
            return false
        }
    }

    /// Waits until the changes that a comparison found were tried.
    private func untilIdle() async {
        while !Task.isCancelled, obstacle == nil, underWay > 0 || rows.busy.values.contains(where: \.isQueued) {
            try? await Task.sleep(for: .milliseconds(20))
        }
    }

    /// What a comparison would do, without doing it.
    func plan() async throws(RANError) -> RoutingPlan {
        let entries = try await table.select()
        return plan(entries, await wantedRoutes())
    }

    private func plan(_ entries: [RoutingEntry], _ wanted: [WantedRoute]) -> RoutingPlan {
        RoutingPlan(wanted: wanted, table: entries, ours: rows.ours, foreign: foreign)
    }

    /// One comparison; its changes are queued.
    ///
    /// - Throws: when the table cannot be read.
    func compare() async throws(RANError) {
        let start = clock
        comparisons += 1
        defer { endComparison() }
        let plan = try await plan()
        // What was touched while the table was read is known better than the table tells.
        func isFresh(_ devEUI: EUI64) -> Bool { isUntouched(devEUI, since: start) }
        for route in plan.matches where isFresh(route.devEUI) { note(route, applied: true) }
        for route in plan.adoptions where isFresh(route.devEUI) { note(route, applied: true) }
        for route in plan.inserts where isFresh(route.devEUI) { note(route, applied: false) }
        for route in plan.replacements where isFresh(route.devEUI) { note(route, applied: true, differs: true) }
        for route in plan.updates where isFresh(route.devEUI) { note(route, applied: true, isAstray: true) }
        for (route, row) in plan.conflicts where isFresh(route.devEUI) {
            note(route, applied: false, isQuiet: true)
            settle(route.devEUI, as: .refused(.foreignRow(row, route)))
        }
        for devEUI in plan.releases where isFresh(devEUI) { queueDrop(devEUI) }
        drop(plan, where: isFresh)
        await remember(plan, where: isFresh)
        ring()
        guard !plan.isEmpty else { return }
        logger.info(
            "routing_compared",
            [
                "coverage": coverage, "table": plan.tableCount, "inserts": plan.inserts.count,
                "replacements": plan.replacements.count, "updates": plan.updates.count,
                "drops": plan.releases.count + plan.drops.count, "conflicts": plan.conflicts.count,
            ],
        )
    }

    private func note(
        _ route: WantedRoute,
        applied: Bool,
        differs: Bool = false,
        isAstray: Bool = false,
        isQuiet: Bool = false,
    ) {
        var row = rows[route.devEUI] ?? Row()
        row.wanted = route
        row.isReleased = false
        row.isAstray = isAstray
        if applied {
            // For a row that differs, anything that does not serve the wish tells to mend it.
            row.applied = differs ? WantedRoute(devEUI: route.devEUI, joinEUI: nil, devAddr: nil) : route
        } else {
            row.applied = nil
        }
        let isDone = applied && !differs && !isAstray
        if !isDone, !isQuiet {
            if row.state == .inEffect { row.state = .pending(nil) }
            enqueue(route.devEUI, &row, isUrgent: false)
        }
        if isDone, row.waiters.isEmpty { row.state = .inEffect }
        rows[route.devEUI] = row
        if isDone, !row.waiters.isEmpty { settle(route.devEUI, as: .inEffect) }
    }

    private func queueDrop(_ devEUI: EUI64) {
        var row = rows[devEUI] ?? Row()
        guard row.wanted == nil || !row.isQueued else { return }
        row.wanted = nil
        enqueue(devEUI, &row, isUrgent: false)
        rows[devEUI] = row
    }

    private func drop(_ plan: RoutingPlan, where isFresh: (EUI64) -> Bool) {
        guard !plan.drops.isEmpty else { return }
        if plan.needsConfirmation, !plan.drops.allSatisfy(confirmed.contains) {
            logger.error(
                "routing_drop_refused",
                [
                    "coverage": coverage, "rows": plan.drops.count, "table": plan.tableCount, "plan": plan.digest,
                    "error": "more than 5 % of the routing table would be dropped at once; look at it with `ran plan` "
                        + "and confirm it with `ran apply`",
                ],
            )
            return
        }
        for devEUI in plan.drops where isFresh(devEUI) {
            confirmed.insert(devEUI)
            queueDrop(devEUI)
        }
    }

    private func remember(_ plan: RoutingPlan, where isFresh: (EUI64) -> Bool) async {
        let adopted = plan.adoptions.map(\.devEUI).filter(isFresh)
        let forgotten = plan.forgotten.filter { isFresh($0) && rows[$0]?.wanted == nil }
        let mutations =
            adopted.map {
                StoreMutation.putRoute(
                    RouteRecord(coverage: coverage, devEUI: $0, state: RouteMark.ours.octets)
                )
            } + forgotten.map { .deleteRoute(coverage: coverage, devEUI: $0) }
        guard await keep(mutations) else { return }
        for devEUI in adopted { rows[devEUI]?.isOurs = true }
        for devEUI in forgotten where rows[devEUI]?.wanted == nil { forget(devEUI) }
    }

    /// Agrees to the drops of a plan that was shown, and compares again.
    ///
    /// - Returns: what was agreed to; nil when the plan is another by now.
    func confirm(_ digest: String) async throws(RANError) -> RoutingPlan? {
        let plan = try await plan()
        guard plan.digest == digest else { return nil }
        confirmed.formUnion(plan.drops)
        try await compare()
        return plan
    }
}
