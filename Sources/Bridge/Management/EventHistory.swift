// SPDX-License-Identifier: Apache-2.0
internal import LoRaWAN
internal import Synchronization
internal import TTNMessages

/// The last messages about each device, in memory alone: for people who ask what just happened.
final class EventHistory: Sendable {
    struct Event: Sendable {
        var time: UnixTime
        var message: ApplicationMessage
        fileprivate var number: UInt64
    }

    private struct State {
        var events: [EUI64: [Event]] = [:]
        /// All events in the order in which they came, as far as they are still held.
        var order: [(device: EUI64, number: UInt64)] = []
        var oldest = 0
        var last: UInt64 = 0
        var count = 0
    }

    /// How many are kept of one device, and of all together.
    static let deviceLimit = 20
    private static let totalLimit = 20_000

    /// Events are shown as v2 publishes them.
    static let encoder: MessageEncoder = {
        // Empty parts make a topic space under all circumstances.
        do throws(TopicError) {
            return MessageEncoder(topics: try TopicSpace(), formats: [.v2], publishesFields: false)
        } catch {
            preconditionFailure("topics without prefix and tenant can be built: \(error)")
        }
    }()

    private let state = Mutex(State())

    /// Keeps a message about a registered device.
    func note(_ message: ApplicationMessage, at time: UnixTime) {
        guard let device = message.device?.devEUI else { return }
        state.withLock { state in
            state.last += 1
            state.order.append((device, state.last))
            let event = Event(time: time, message: message, number: state.last)
            state.count += state.events[device, default: []].keep(event)
            Self.shrink(&state)
        }
    }

    private static func shrink(_ state: inout State) {
        while state.count > totalLimit || state.order.count - state.oldest > 2 * totalLimit {
            let (device, number) = state.order[state.oldest]
            state.oldest += 1
            guard state.events[device]?.first?.number == number else { continue }
            state.events[device]?.removeFirst()
            state.count -= 1
            if state.events[device]?.isEmpty == true { state.events[device] = nil }
        }
        if state.oldest > totalLimit {
            state.order.removeFirst(state.oldest)
            state.oldest = 0
        }
    }

    /// Oldest first.
    ///
    /// - Parameter device: who it is under these names now; nil looks for who it was.
    func events(of applicationID: String, _ deviceID: String, device: EUI64?) -> [Event] {
        func isMeant(_ event: Event) -> Bool {
            event.message.device?.applicationID == applicationID && event.message.device?.deviceID == deviceID
        }
        let events = state.withLock { state in
            if let device { return state.events[device] ?? [] }
            return state.events.values.first { $0.contains(where: isMeant) } ?? []
        }
        return events.filter(isMeant)
    }
}

extension [EventHistory.Event] {
    /// Appends an event in the place of the oldest when there are enough; returns how many more there are now.
    fileprivate mutating func keep(_ event: EventHistory.Event) -> Int {
        let isFull = count == EventHistory.deviceLimit
        if isFull { removeFirst() }
        append(event)
        return isFull ? 0 : 1
    }
}

extension ApplicationMessage {
    /// Whom it is about; nil for what concerns no single device.
    fileprivate var device: DeviceIdentity? {
        switch self {
        case .uplink(let message): message.device
        case .activation(let event): event.device
        case .downlink(let event): event.device
        case .invalidation(let event): event.device
        case .error(let event):
            if case .device(let device) = event.subject { device } else { nil }
        case .device(let event): event.device
        case .service(let data): data.device
        case .location(let location): location.device
        case .application: nil
        }
    }
}
