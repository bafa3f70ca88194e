// SPDX-License-Identifier: Apache-2.0
internal import Concurrency
internal import LoRaWAN
internal import NetworkServer
internal import Observability
internal import Synchronization

/// One thread that owns the sessions of its devices: it feeds the network server, turns its effects into commit units
/// and hands these on. No lock is held while it decides.
final class Shard: Sendable {
    /// The shard's place among its siblings.
    let index: Int
    private let queue = BoundedQueue<ShardCommand>(capacity: 262_144)
    private let thread = Mutex<NamedThread?>(nil)

    init(index: Int) {
        self.index = index
    }

    /// Starts the thread. `makeState` runs on it.
    func start(_ makeState: @escaping @Sendable () -> ShardState) {
        let queue = queue
        let started = NamedThread("shard-\(index)") {
            var state = makeState()
            var commands: [ShardCommand] = []
            var next = MonotonicTime.now
            while true {
                queue.gather(Self.largeBatch, until: next)
                let deadline = state.nextDeadline.map { MonotonicTime(nanoseconds: Beat.notBefore($0)) }
                let result = queue.drain(into: &commands, until: deadline)
                next = Beat.next(after: .now)
                state.process(commands)
                commands.removeAll(keepingCapacity: true)
                if result == .closed { return }
            }
        }
        thread.withLock { $0 = started }
    }

    /// So many commands do not wait for the beat.
    private static let largeBatch = 128

    /// Queues a command. Blocks only when a quarter of a million wait: what enters the bridge is bounded at its doors.
    ///
    /// - Returns: false after `stop`: nothing becomes of the command.
    @discardableResult
    func submit(_ command: ShardCommand) -> Bool {
        guard queue.push(command) else { return false }
        if command.isAwaited { queue.wake() }
        return true
    }

    /// Queues a frame that another shard tried in vain: it has waited for a beat already.
    func takeOver(_ command: ShardCommand) {
        if queue.push(command) { queue.wake() }
    }

    /// Queues several commands in order.
    func submit(_ commands: [ShardCommand]) {
        queue.push(contentsOf: commands)
    }

    /// Lets the thread finish what is queued and end.
    func stop() {
        queue.close()
        thread.withLock { $0 }?.join()
    }
}
