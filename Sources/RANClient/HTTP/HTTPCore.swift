// SPDX-License-Identifier: Apache-2.0
internal import CCurl
internal import Concurrency
internal import Synchronization

/// What the HTTP thread and its callers share, and the thread's work.
final class HTTPCore: Sendable {
    private struct State {
        var lastID: UInt64 = 0
        /// Calls that have begun and not ended.
        var active: Set<UInt64> = []
        /// Those of them that nobody wants any more.
        var cancelled: Set<UInt64> = []
        var waiting: [HTTPCall] = []
        var isClosed = false
    }

    /// Calls under way at once; more wait their turn, and their time-out begins with it.
    static let limit = 16

    private let endpoint: RANEndpoint
    private let wake = WakeSignal()
    private let state = Mutex(State())

    init(endpoint: RANEndpoint) {
        self.endpoint = endpoint
    }

    /// Gives a call its number, by which it can be cancelled from then on.
    func begin() -> UInt64 {
        state.withLock { state in
            state.lastID += 1
            state.active.insert(state.lastID)
            return state.lastID
        }
    }

    func submit(_ call: HTTPCall) {
        let refusal: RANError? = state.withLock { state in
            if state.isClosed { return .closed }
            if state.cancelled.contains(call.id) { return .cancelled }
            state.waiting.append(call)
            return nil
        }
        if let refusal { finish(call, .failure(refusal)) } else { wake.signal() }
    }

    func cancel(_ id: UInt64) {
        let waiting = state.withLock { state -> HTTPCall? in
            guard let index = state.waiting.firstIndex(where: { $0.id == id }) else {
                if state.active.contains(id) { state.cancelled.insert(id) }
                return nil
            }
            return state.waiting.remove(at: index)
        }
        if let waiting { finish(waiting, .failure(.cancelled)) } else { wake.signal() }
    }

    func close() {
        state.withLock { $0.isClosed = true }
        wake.signal()
    }

    /// Whether the thread must not take the call up, and why.
    private func refusal(_ call: HTTPCall) -> RANError? {
        state.withLock { state in
            if state.isClosed { return .closed }
            return state.cancelled.contains(call.id) ? .cancelled : nil
        }
    }

    private func finish(_ call: HTTPCall, _ result: Result<HTTPResponse, RANError>) {
        state.withLock { state in
            state.active.remove(call.id)
            state.cancelled.remove(call.id)
        }
        call.continuation.resume(returning: result)
    }

    // MARK: - The thread

    /// Serves until `close`.
    func run() {
        do throws(RANError) {
            try serve(CurlMulti())
        } catch {
            refuseAll(error)
        }
    }

    /// libcurl cannot be used: every call says so.
    private func refuseAll(_ error: RANError) {
        while true {
            let (calls, isClosed) = takeWaiting(atMost: .max)
            for call in calls { finish(call, .failure(error)) }
            if isClosed { return }
            wake.wait(milliseconds: Int(Int32.max))
        }
    }

    private func serve(_ multi: borrowing CurlMulti) {
        var transfers: [UnsafeMutableRawPointer: HTTPTransfer] = [:]
        while true {
            let (calls, isClosed) = takeWaiting(atMost: HTTPCore.limit - transfers.count)
            for call in calls { start(call, on: multi, &transfers) }
            for (raw, transfer) in transfers {
                guard let refusal = refusal(transfer.call) else { continue }
                multi.remove(transfer.easy)
                transfers[raw] = nil
                finish(transfer.call, .failure(refusal))
            }
            if isClosed { return }
            multi.perform()
            let running = transfers.count
            while let (raw, result) = multi.nextFinished() {
                guard let transfer = transfers.removeValue(forKey: raw) else { continue }
                multi.remove(transfer.easy)
                finish(transfer.call, transfer.outcome(result, endpoint: endpoint))
            }
            // Those that wait take the places of those that ended.
            if transfers.count < running { continue }
            multi.wait(wake, milliseconds: transfers.isEmpty ? 60_000 : 1000)
        }
    }

    private func start(
        _ call: HTTPCall,
        on multi: borrowing CurlMulti,
        _ transfers: inout [UnsafeMutableRawPointer: HTTPTransfer],
    ) {
        do throws(RANError) {
            if let refusal = refusal(call) { throw refusal }
            let transfer = try HTTPTransfer(call, endpoint: endpoint)
            multi.add(transfer.easy)
            transfers[transfer.easy.raw] = transfer
        } catch {
            finish(call, .failure(error))
        }
    }

    /// The calls that may begin, the oldest first; all of them once the client is closed.
    private func takeWaiting(atMost limit: Int) -> (calls: [HTTPCall], isClosed: Bool) {
        state.withLock { state in
            let count = state.isClosed ? state.waiting.count : min(limit, state.waiting.count)
            defer { state.waiting.removeFirst(count) }
            return (Array(state.waiting.prefix(count)), state.isClosed)
        }
    }
}
