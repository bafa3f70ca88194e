// SPDX-License-Identifier: Apache-2.0
internal import LoRaWAN
internal import Observability
internal import RANClient
internal import Store

/// Changes one by one.
extension RouteKeeper {
    /// Calls to the RAN under way at once.
    private static let parallelCalls = 8
    /// Rows taken up together; somebody who waits for one more waits for these first.
    private static let batchSize = 32

    /// Carries out changes as they come, until cancelled.
    func keepUp() async {
        var pause: Duration = .milliseconds(500)
        while !Task.isCancelled {
            let batch = takeBatch()
            if batch.isEmpty {
                if !bulk.isEmpty || !urgent.isEmpty { continue }
                var iterator = rings.makeAsyncIterator()
                guard await iterator.next() != nil else { return }
                continue
            }
            underWay = batch.count
            await carryOut(batch)
            underWay = 0
            guard let obstacle else {
                pause = .milliseconds(500)
                continue
            }
            logger.warning(
                "routing_table_unreachable",
                [
                    "coverage": coverage, "reason": obstacle.reason, "error": obstacle.message,
                    "retry_in_s": max(1, pause.components.seconds),
                ],
            )
            try? await Task.sleep(for: pause * Double.random(in: 0.75...1.25))
            pause = min(pause * 2, .seconds(30))
            self.obstacle = nil
        }
    }

    private func takeBatch() -> [EUI64] {
        var batch: [EUI64] = []
        while batch.count < Self.batchSize, let devEUI = urgent.popFirst() ?? bulk.popFirst() {
            guard rows[devEUI]?.isQueued == true else { continue }
            rows[devEUI]?.isQueued = false
            batch.append(devEUI)
        }
        return batch
    }

    private func carryOut(_ batch: [EUI64]) async {
        let drops = batch.filter { rows[$0]?.wanted == nil }
        let routes = batch.compactMap { rows[$0]?.wanted }
        await drop(drops)
        guard obstacle == nil else { return requeue(routes.map(\.devEUI)) }
        // Noted before it is made, so that a crash between leaves no row that nobody owns.
        let claims = routes.filter { rows[$0.devEUI]?.isOurs == false && rows[$0.devEUI]?.applied == nil }
        guard await keep(claims.map { .putRoute(ours($0.devEUI)) }) else { return requeue(routes.map(\.devEUI)) }
        let fresh = Set(claims.map(\.devEUI))
        for devEUI in fresh { rows[devEUI]?.isOurs = true }
        await withTaskGroup(of: Void.self) { group in
            for (index, route) in routes.enumerated() {
                if index >= Self.parallelCalls { await group.next() }
                group.addTask { await self.carryOut(route, isFresh: fresh.contains(route.devEUI)) }
            }
        }
    }

    private func requeue(_ devices: [EUI64]) {
        for devEUI in devices {
            guard var row = rows[devEUI] else { continue }
            enqueue(devEUI, &row, isUrgent: false)
            rows[devEUI] = row
            settle(devEUI, as: .pending(obstacle))
        }
    }

    private func ours(_ devEUI: EUI64) -> RouteRecord {
        RouteRecord(coverage: coverage, devEUI: devEUI, state: RouteMark.ours.octets)
    }

    func keep(_ mutations: [StoreMutation]) async -> Bool {
        guard !mutations.isEmpty else { return true }
        do throws(StoreError) {
            try await commit(mutations)
            return true
        } catch {
            logger.error("routing_not_remembered", ["coverage": coverage, "reason": error.reason])
            obstacle = RouteProblem(reason: error.reason, message: error.description)
            return false
        }
    }

    // MARK: Dropping

    private func drop(_ devices: [EUI64]) async {
        let ours = devices.filter { rows[$0]?.isOurs == true || confirmed.contains($0) }
        for devEUI in devices where !ours.contains(devEUI) { forget(devEUI) }
        guard !ours.isEmpty else { return }
        do throws(RANError) {
            _ = try await table.delete(devEUIs: ours)
        } catch {
            obstacle = RouteProblem(error)
            return requeue(ours)
        }
        for devEUI in ours {
            rows[devEUI]?.applied = nil
            rows[devEUI]?.isOurs = false
            confirmed.remove(devEUI)
        }
        guard await keep(ours.map { .deleteRoute(coverage: coverage, devEUI: $0) }) else { return requeue(ours) }
        logger.info("routing_rows_dropped", ["coverage": coverage, "rows": ours.count])
        for devEUI in ours {
            // Wanted again meanwhile: then it is in line once more.
            if rows[devEUI]?.wanted == nil { forget(devEUI) }
        }
        retryRefused(atMost: ours.count)
    }

    /// Room in the table is what some were refused for.
    private func retryRefused(atMost count: Int) {
        var left = count
        for (devEUI, row) in rows.busy where left > 0 {
            guard case .refused(let problem) = row.state, problem.reason == "device_limit_exhausted" else { continue }
            var row = row
            enqueue(devEUI, &row, isUrgent: false)
            rows[devEUI] = row
            left -= 1
        }
    }

    // MARK: Making and mending

    private func carryOut(_ route: WantedRoute, isFresh: Bool) async {
        let devEUI = route.devEUI
        do throws(RouteFailure) {
            let applied = try await bring(route, isFresh: isFresh)
            guard var row = rows[devEUI] else { return }
            touch(devEUI)
            row.applied = applied
            row.isAstray = false
            rows[devEUI] = row
            guard row.wanted == route || row.wanted.map({ applied.serves($0) }) == true else {
                // It changed meanwhile.
                enqueue(devEUI, &row, isUrgent: true)
                rows[devEUI] = row
                return
            }
            settle(devEUI, as: .inEffect)
        } catch {
            touch(devEUI)
            if error.problem.stopsAll {
                obstacle = error.problem
                requeue([devEUI])
            } else {
                logger.error(
                    "routing_row_refused",
                    [
                        "coverage": coverage, "dev_eui": devEUI.hex, "reason": error.problem.reason,
                        "error": error.problem.message,
                    ],
                )
                if rows[devEUI]?.wanted != route {
                    rows[devEUI].map { row in
                        var row = row
                        enqueue(devEUI, &row, isUrgent: true)
                        rows[devEUI] = row
                    }
                } else {
                    settle(devEUI, as: .refused(error.problem))
                }
            }
        }
    }

    /// Makes the row say what is wanted; gives back what it says.
    private func bring(_ route: WantedRoute, isFresh: Bool) async throws(RouteFailure) -> WantedRoute {
        let known = rows[route.devEUI]
        if let applied = known?.applied {
            if applied.serves(route), known?.isAstray != true { return route }
            guard let present = try await row(of: route.devEUI) else { return try await insert(route) }
            return try await mend(present, to: route, isFresh: false)
        }
        do throws(RANError) {
            return try await insertOnce(route)
        } catch {
            guard case .deviceAlreadyExists = error else { throw RouteFailure(error) }
        }
        guard let present = try await row(of: route.devEUI) else {
            throw RouteFailure(
                RouteProblem(
                    reason: "device_already_exists",
                    message: "the RAN says that the device \(route.devEUI) exists, but not in this routing table: "
                        + "another customer's table may hold it",
                )
            )
        }
        return try await mend(present, to: route, isFresh: isFresh)
    }

    /// - Parameter isFresh: whether this service noted the row as its own only a moment ago.
    private func mend(
        _ present: RoutingEntry,
        to route: WantedRoute,
        isFresh: Bool,
    ) async throws(RouteFailure) -> WantedRoute {
        let isForeign = isFresh || rows[route.devEUI]?.isOurs != true
        if isForeign, foreign == .leave {
            rows[route.devEUI]?.isOurs = false
            _ = await keep([.deleteRoute(coverage: coverage, devEUI: route.devEUI)])
            guard route.isServed(by: present) else { throw RouteFailure(.foreignRow(present, route)) }
        }
        guard route.isServed(by: present) else {
            do throws(RANError) {
                _ = try await table.delete(devEUIs: [route.devEUI])
            } catch {
                throw RouteFailure(error)
            }
            return try await insert(route)
        }
        var wish = route
        if route.joinEUI != nil {
            wish = WantedRoute(
                devEUI: route.devEUI,
                joinEUI: route.joinEUI,
                devAddr: await address(route.devEUI),
            )
        }
        if wish.isAstray(present) { try await activate(wish) }
        return route
    }

    private func row(of devEUI: EUI64) async throws(RouteFailure) -> RoutingEntry? {
        do throws(RANError) {
            return try await table.select(devEUIs: [devEUI]).first
        } catch {
            throw RouteFailure(error)
        }
    }

    private func insert(_ route: WantedRoute) async throws(RouteFailure) -> WantedRoute {
        do throws(RANError) {
            return try await insertOnce(route)
        } catch {
            throw RouteFailure(error)
        }
    }

    private func insertOnce(_ route: WantedRoute) async throws(RANError) -> WantedRoute {
        if let joinEUI = route.joinEUI {
            _ = try await table.insert(devEUI: route.devEUI, joinEUI: joinEUI)
            // Routes the address of a session that began before the row was made.
            if let devAddr = await address(route.devEUI) {
                _ = try await table.update(devEUI: route.devEUI, joinEUI: joinEUI, activeDevAddr: devAddr)
            }
        } else if let devAddr = route.devAddr {
            _ = try await table.insert(devEUI: route.devEUI, devAddr: devAddr)
        }
        return route
    }

    private func activate(_ route: WantedRoute) async throws(RouteFailure) {
        guard let joinEUI = route.joinEUI, let devAddr = route.devAddr else { return }
        do throws(RANError) {
            _ = try await table.update(devEUI: route.devEUI, joinEUI: joinEUI, activeDevAddr: devAddr)
        } catch {
            throw RouteFailure(error)
        }
    }
}

/// Why a row could not be brought in line.
private struct RouteFailure: Error {
    let problem: RouteProblem

    init(_ error: RANError) { problem = RouteProblem(error) }

    init(_ problem: RouteProblem) { self.problem = problem }
}

extension RouteProblem {
    static func foreignRow(_ row: RoutingEntry, _ route: WantedRoute) -> RouteProblem {
        let says = row.joinEUI.map { "JoinEUI \($0)" } ?? "address \(row.activeDevAddr?.hex ?? "none")"
        return RouteProblem(
            reason: "foreign_row",
            message: "the routing table holds a row for \(route.devEUI) with \(says) that this service did not make; "
                + "drop it there, or set foreign_rows: adopt for this coverage",
        )
    }
}
