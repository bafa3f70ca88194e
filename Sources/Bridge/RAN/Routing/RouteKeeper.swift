// SPDX-License-Identifier: Apache-2.0
internal import LoRaWAN
internal import Observability
internal import RANClient
internal import Store

/// Keeps one coverage's routing table in line with the registry: carries out each change as it comes, compares the whole
/// table at the start and at intervals, works through outages, and touches rows of others only when told to.
actor RouteKeeper {
    /// What is known and wanted of one device's row.
    struct Row {
        /// nil: there must be none.
        var wanted: WantedRoute?
        /// What the RAN has of it, as far as is known.
        var applied: WantedRoute?
        /// Whether the store says that this service made it.
        var isOurs = false
        /// Whether its device was deleted here.
        var isReleased = false
        /// Whether the addresses of the row must be looked at.
        var isAstray = false
        var state = RouteState.pending(nil)
        var isQueued = false
        var waiters: [UInt64: CheckedContinuation<RouteState, Never>] = [:]
    }

    nonisolated let coverage: String
    let table: RoutingTable
    let foreign: ForeignRows
    let store: any Store
    let commit: @Sendable ([StoreMutation]) async throws(StoreError) -> Void
    /// All routes that the registry wants here, with the addresses of sessions.
    let wantedRoutes: @Sendable () async -> [WantedRoute]
    /// The address of a device's session.
    let address: @Sendable (EUI64) async -> DevAddr?
    let logger: Logger
    /// Between comparisons of the whole table.
    let interval: Duration

    var rows = RouteRows()
    /// Devices whose rows must be worked on: those that somebody waits for go first.
    var urgent = Line()
    var bulk = Line()
    /// Rows whose changes the RAN has not answered.
    var underWay = 0
    /// Comparisons under way.
    var comparisons = 0
    /// Counts decisions, to tell what happened while the table was read.
    private(set) var clock: UInt64 = 0
    /// The last decision about each device since the comparisons under way began.
    private var touched: [EUI64: UInt64] = [:]
    /// What the whole coverage waits for; nil while the RAN answers.
    var obstacle: RouteProblem?
    /// Drops that somebody agreed to.
    var confirmed: Set<EUI64> = []
    private var lastWaiter: UInt64 = 0
    private let bell: AsyncStream<Void>.Continuation
    let rings: AsyncStream<Void>

    init(
        coverage: String,
        table: RoutingTable,
        foreign: ForeignRows,
        store: any Store,
        interval: Duration,
        logger: Logger,
        commit: @escaping @Sendable ([StoreMutation]) async throws(StoreError) -> Void,
        wantedRoutes: @escaping @Sendable () async -> [WantedRoute],
        address: @escaping @Sendable (EUI64) async -> DevAddr?,
    ) {
        self.coverage = coverage
        self.table = table
        self.foreign = foreign
        self.store = store
        self.interval = interval
        self.logger = logger
        self.commit = commit
        self.wantedRoutes = wantedRoutes
        self.address = address
        (rings, bell) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(1))
    }

    // MARK: What others ask

    /// These devices must be routed as told.
    ///
    /// - Parameter isUrgent: whether somebody waits.
    func want(_ routes: [WantedRoute], isUrgent: Bool) {
        for route in routes {
            var row = rows[route.devEUI] ?? Row()
            touch(route.devEUI)
            row.wanted = route
            row.isReleased = false
            if row.state == .inEffect, let applied = row.applied, applied.serves(route) {
                rows[route.devEUI] = row
                continue
            }
            row.state = .pending(obstacle)
            enqueue(route.devEUI, &row, isUrgent: isUrgent)
            rows[route.devEUI] = row
        }
        ring()
    }

    /// These devices must not be routed: rows of ours are dropped.
    func release(_ devices: [EUI64], isUrgent: Bool) {
        for devEUI in devices {
            guard var row = rows[devEUI] else { continue }
            touch(devEUI)
            row.wanted = nil
            row.isReleased = true
            row.state = .pending(obstacle)
            enqueue(devEUI, &row, isUrgent: isUrgent)
            rows[devEUI] = row
        }
        ring()
    }

    /// Whether this service made the row of a device.
    func owns(_ devEUI: EUI64) -> Bool { rows[devEUI]?.isOurs ?? false }

    /// How the devices stand; nil for one that is not known here.
    func states(of devices: [EUI64]) -> [EUI64: RouteState] {
        var states: [EUI64: RouteState] = [:]
        for devEUI in devices { states[devEUI] = rows[devEUI]?.state }
        return states
    }

    /// How a device will stand at first when that route is wanted for it.
    func prospect(of route: WantedRoute?) -> RouteState {
        guard let route, let row = rows[route.devEUI], row.state == .inEffect, let applied = row.applied else {
            return .pending(nil)
        }
        return applied.serves(route) ? .inEffect : .pending(nil)
    }

    /// How a device stands once the RAN has answered, or when that takes too long, or when it does not answer at all.
    func settled(_ devEUI: EUI64, within limit: Duration) async -> RouteState {
        guard let row = rows[devEUI] else { return .inEffect }
        guard case .pending = row.state, obstacle == nil else { return row.state }
        lastWaiter += 1
        let waiter = lastWaiter
        // Ends with this function: whoever comes first resumes.
        let timer = Task {
            try await Task.sleep(for: limit)
            giveUp(devEUI, waiter)
        }
        defer { timer.cancel() }
        return await withCheckedContinuation { rows[devEUI]?.waiters[waiter] = $0 }
    }

    private func giveUp(_ devEUI: EUI64, _ waiter: UInt64) {
        guard let row = rows[devEUI] else { return }
        rows[devEUI]?.waiters.removeValue(forKey: waiter)?.resume(returning: row.state)
    }

    /// How many rows are as wanted, waited for and refused.
    var counts: (inEffect: Int, pending: Int, refused: Int) {
        rows.counts
    }

    // MARK: Shared by the loops

    /// Something was decided or done about a device's row.
    func touch(_ devEUI: EUI64) {
        clock += 1
        if comparisons > 0 { touched[devEUI] = clock }
    }

    /// Whether nothing was decided about a device's row after a moment of the clock, while a comparison was under way.
    func isUntouched(_ devEUI: EUI64, since start: UInt64) -> Bool { (touched[devEUI] ?? 0) <= start }

    /// A comparison has ended.
    func endComparison() {
        comparisons -= 1
        if comparisons == 0 { touched = [:] }
    }

    func enqueue(_ devEUI: EUI64, _ row: inout Row, isUrgent: Bool) {
        if row.isQueued, !isUrgent { return }
        row.isQueued = true
        if isUrgent { urgent.append(devEUI) } else { bulk.append(devEUI) }
    }

    func ring() { bell.yield() }

    /// Notes a state and tells those who wait for it.
    func settle(_ devEUI: EUI64, as state: RouteState) {
        guard var row = rows[devEUI] else { return }
        let waiters = row.waiters.values
        guard row.state != state || !waiters.isEmpty else { return }
        row.state = state
        row.waiters = [:]
        rows[devEUI] = row
        for waiter in waiters { waiter.resume(returning: state) }
    }

    /// Takes a row out of memory; whoever waits learns that it is gone.
    func forget(_ devEUI: EUI64) {
        guard let row = rows[devEUI] else { return }
        rows[devEUI] = nil
        for waiter in row.waiters.values { waiter.resume(returning: .inEffect) }
    }

    /// Devices in the order in which they were added.
    struct Line {
        private var items: [EUI64] = []
        private var next = 0

        var isEmpty: Bool { next == items.count }

        mutating func append(_ devEUI: EUI64) { items.append(devEUI) }

        mutating func popFirst() -> EUI64? {
            guard next < items.count else { return nil }
            defer {
                next += 1
                if next == items.count {
                    items.removeAll(keepingCapacity: true)
                    next = 0
                }
            }
            return items[next]
        }
    }
}

extension WantedRoute {
    /// Whether a row with this content serves another wish for the same device.
    func serves(_ wish: WantedRoute) -> Bool {
        joinEUI == wish.joinEUI && (joinEUI != nil || devAddr == wish.devAddr)
    }
}
