// SPDX-License-Identifier: Apache-2.0
internal import JSON
internal import MQTTShim
internal import Synchronization

/// Sorts what comes over a link to those who read it.
final class TrafficDesk: LinkReceiver {
    let uplinks = EventHub<UplinkMessage>()
    let downlinkEvents = EventHub<DownlinkEvent>()
    let deviceEvents = EventHub<DeviceEvent>()
    let connections = EventHub<ConnectionEvent>()
    let closes = EventHub<CloseEvent>()
    /// Ends of what was sent, by token.
    let receipts = Waiters<MQTTPublishOutcome>()
    private let topics: TrafficTopics
    private let state = Mutex((isConnected: false, unreadable: 0))

    init(topics: TrafficTopics) {
        self.topics = topics
    }

    /// How many messages could not be read.
    var unreadable: Int { state.withLock { $0.unreadable } }

    /// How many messages slow readers missed.
    var dropped: Int { uplinks.dropped + downlinkEvents.dropped + deviceEvents.dropped }

    /// Ends all sequences and everything that waits.
    func finish() {
        receipts.settleAll(.failure(.closed))
        uplinks.finish()
        downlinkEvents.finish()
        deviceEvents.finish()
        connections.finish()
        closes.finish()
    }

    // MARK: On the connection's thread

    func received(_ messages: [MQTTInboundMessage]) -> DurabilityGate? {
        var newUplinks: [UplinkMessage] = []
        var newDownlinkEvents: [DownlinkEvent] = []
        var newDeviceEvents: [DeviceEvent] = []
        for message in messages {
            switch topics.read(message) {
            case .uplink(let uplink): newUplinks.append(uplink)
            case .event(let event):
                newDeviceEvents.append(event)
                if let downlink = DownlinkEvent(event) { newDownlinkEvents.append(downlink) }
            case nil: state.withLock { $0.unreadable += 1 }
            }
        }
        let hold = HoldBack()
        if !newUplinks.isEmpty { uplinks.offer(newUplinks, hold) }
        if !newDownlinkEvents.isEmpty { downlinkEvents.offer(newDownlinkEvents, hold) }
        if !newDeviceEvents.isEmpty { deviceEvents.offer(newDeviceEvents, hold) }
        return hold.seal()
    }

    func completed(_ completions: [MQTTCompletion]) {
        for completion in completions { receipts.settle(completion.token, .success(completion.outcome)) }
    }

    func stateChanged(_ newState: MQTTState) {
        let wasConnected = state.withLock { state in
            defer { state.isConnected = newState.isConnected }
            return state.isConnected
        }
        switch newState {
        case .connecting: break
        case .connected: connections.offer([.connected])
        case .disconnected(let error, _) where wasConnected:
            closes.offer([CloseEvent(isExpected: false, error: TTNClientError(error))])
        case .disconnected(let error, _): connections.offer([.failed(TTNClientError(error))])
        case .stopped:
            if wasConnected { closes.offer([CloseEvent(isExpected: true, error: nil)]) }
        }
    }

    func subscriptionRefused(_ error: TTNClientError) { connections.offer([.notPermitted(error)]) }
}

extension MQTTState {
    fileprivate var isConnected: Bool { if case .connected = self { true } else { false } }
}
