// SPDX-License-Identifier: Apache-2.0
internal import Concurrency
internal import Observability
internal import Store
internal import Synchronization

/// The one thread that writes the store: takes all units that wait, commits them in one transaction, then lets their
/// actions go. Nothing is acked before it is durable, because acks are actions.
///
/// While the store cannot be written, whatever the reason, units wait and nothing leaves: the RAN keeps what it was not
/// acked. Only a change that is wrong in itself fails.
final class Committer: Sendable {
    private let store: any Store
    private let queue = BoundedQueue<CommitUnit>(capacity: 65_536)
    private let aside = Mutex(Aside())
    private let perform: @Sendable (ArraySlice<CommitUnit>) -> [StoreMutation]
    private let logger: Logger
    private let metrics: CommitMetrics
    private let isStopping = Atomic<Bool>(false)
    private let thread = Mutex<NamedThread?>(nil)

    /// What joins the next commit without waiting in the queue; bounded by what is on its way to the broker.
    private struct Aside {
        var rows: [Int64] = []
        /// When the rows must be removed even if nothing else is to be written.
        var dueAt: MonotonicTime?
        var mutations: [StoreMutation] = []
    }

    /// - Parameter perform: carries out the actions of committed units, in order, on the committer's thread, and
    ///   gives back what the next commit shall change.
    init(
        store: any Store,
        logger: Logger,
        metrics: MetricRegistry,
        perform: @escaping @Sendable (ArraySlice<CommitUnit>) -> [StoreMutation],
    ) {
        self.store = store
        self.logger = logger.named("store")
        self.metrics = CommitMetrics(metrics)
        self.perform = perform
    }

    func start() {
        thread.withLock { $0 = NamedThread("committer") { [self] in run() } }
    }

    /// Queues a unit; blocks the calling thread while the queue is full. Who waits for one that comes after `stop` is
    /// told so.
    func submit(_ unit: CommitUnit) {
        if queue.push(unit) {
            // Somebody waits, and may do one thing after the other.
            if !unit.completions.isEmpty { queue.wake() }
            return
        }
        for completion in unit.completions { completion(.stopping) }
    }

    /// Queues mutations and waits until they are durable.
    func commit(_ mutations: [StoreMutation]) async throws(StoreError) {
        let failure = await withCheckedContinuation { continuation in
            submit(CommitUnit(mutations: mutations, completions: [{ continuation.resume(returning: $0) }]))
        }
        if let failure { throw failure }
    }

    /// How long after one commit began the next one gathers, unless it is a large one before: what shards decide in one
    /// beat comes at nearly the same time.
    private static let gathering = Duration.milliseconds(1)
    private static let largeGroup = 256
    /// How long published rows may wait for a commit that comes anyway. After a crash, what they hold is published once
    /// more.
    private static let removalDelay = Duration.milliseconds(25)

    /// Removes published rows with the next commit. Never blocks: the rows are bounded by what is in flight.
    func forget(_ rows: [Int64]) {
        guard !rows.isEmpty else { return }
        let isFirst = aside.withLock { aside in
            defer { aside.rows += rows }
            guard aside.dueAt == nil else { return false }
            aside.dueAt = .now.advanced(by: Self.removalDelay)
            return true
        }
        // So that the thread learns of the moment.
        if isFirst { queue.wake() }
    }

    /// Commits what is queued and ends the thread. While the store refuses, gives up after one more try.
    func stop() {
        isStopping.store(true, ordering: .releasing)
        queue.close()
        thread.withLock { $0 }?.join()
    }

    private func run() {
        var units: [CommitUnit] = []
        var next = MonotonicTime.now
        while true {
            queue.gather(Self.largeGroup, until: next)
            let result = queue.drain(into: &units, until: aside.withLock(\.dueAt))
            next = .now.advanced(by: Self.gathering)
            let (changes, dueAt) = aside.withLock { aside in
                defer { aside.mutations = [] }
                return (aside.mutations, aside.dueAt)
            }
            if !changes.isEmpty { units.append(CommitUnit(mutations: changes)) }
            let areRemovalsDue = dueAt.map { result == .closed || $0 <= .now } ?? false
            if !units.isEmpty || areRemovalsDue { commit(group: units) }
            units.removeAll(keepingCapacity: true)
            if result == .closed { return }
        }
    }

    private func commit(group: [CommitUnit]) {
        metrics.groups.add()
        metrics.units.add(group.count)
        commit(part: group[...])
    }

    /// Commits units in their order: all at once, else in smaller parts. A full disk may have room for some of them, and
    /// one that is at fault must not cost the others.
    private func commit(part units: ArraySlice<CommitUnit>) {
        let failure = write(units.map(\.mutations), isDivisible: units.count > 1)
        guard let failure, units.count > 1, failure.kind == .diskFull || failure.blamesChange else {
            return finish(units, failure)
        }
        let middle = units.startIndex + units.count / 2
        commit(part: units[..<middle])
        commit(part: units[middle...])
    }

    /// Writes until it succeeds; a failure comes back only when it is final, when the service stops, or when less of it
    /// may be written.
    private func write(_ lists: [[StoreMutation]], isDivisible: Bool) -> StoreError? {
        guard hasRemovals || lists.contains(where: { !$0.isEmpty }) else { return nil }
        var attempt = 0
        while true {
            let removals = takeRemovals()
            do throws(StoreError) {
                try store.commit(removals.isEmpty ? lists : [[.deleteOutbox(removals)]] + lists)
                if attempt > 0 {
                    logger.info("store_recovered", ["attempt": attempt])
                }
                metrics.waiting.set(0)
                return nil
            } catch {
                metrics.failures.add()
                putBack(removals)
                guard !error.blamesChange, error.kind != .closed else {
                    logger.error("store_refused", ["reason": error.reason, "error": error.description])
                    return error
                }
                attempt += 1
                // Once a minute is enough to say when it lasts.
                if attempt & (attempt - 1) == 0 || attempt.isMultiple(of: 60) {
                    logger.error(
                        "store_unavailable",
                        ["reason": error.reason, "attempt": attempt, "error": error.description],
                    )
                }
                metrics.waiting.set(1)
                if isStopping.load(ordering: .acquiring), attempt > 1 { return error }
                makeRoom()
                if isDivisible, error.kind == .diskFull { return error }
                pause(.milliseconds(min(1000, 20 << min(attempt, 6))))
            }
        }
    }

    /// Removes published rows although the group that is due cannot be written: on a full disk that is what makes room
    /// for it.
    private func makeRoom() {
        let rows = takeRemovals()
        guard !rows.isEmpty else { return }
        do throws(StoreError) {
            try store.commit([.deleteOutbox(rows)])
        } catch {
            putBack(rows)
        }
    }

    private var hasRemovals: Bool { aside.withLock { !$0.rows.isEmpty } }

    /// Published rows, in ascending order; they are the caller's to put back when they cannot be removed.
    private func takeRemovals() -> [Int64] {
        aside.withLock { aside in
            defer { (aside.rows, aside.dueAt) = ([], nil) }
            return aside.rows
        }.sorted()
    }

    private func putBack(_ removals: [Int64]) {
        guard !removals.isEmpty else { return }
        aside.withLock { aside in
            aside.rows += removals
            aside.dueAt = aside.dueAt ?? .now.advanced(by: Self.removalDelay)
        }
    }

    private func pause(_ duration: Duration) {
        let nothing = BoundedQueue<Bool>(capacity: 1)
        var none: [Bool] = []
        _ = nothing.drain(into: &none, until: .now.advanced(by: duration))
    }

    private func finish(_ units: ArraySlice<CommitUnit>, _ failure: StoreError?) {
        if failure == nil {
            let changes = perform(units)
            if !changes.isEmpty {
                aside.withLock { $0.mutations += changes }
                queue.wake()
            }
        }
        for unit in units {
            for completion in unit.completions { completion(failure) }
        }
    }
}

private struct CommitMetrics: Sendable {
    let groups: Counter
    let units: Counter
    let failures: Counter
    /// 1 while the store cannot be written.
    let waiting: Gauge

    init(_ registry: MetricRegistry) {
        groups = registry.counter("bridge_commit_groups_total")
        units = registry.counter("bridge_commit_units_total")
        waiting = registry.gauge("bridge_commit_waiting")
        failures = registry.counter("bridge_commit_failures_total")
    }
}
