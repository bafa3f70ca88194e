// SPDX-License-Identifier: Apache-2.0
internal import LoRaWAN
internal import Synchronization
internal import TTNMessages

/// The last messages about each device, in memory alone: for people who ask what just happened.
final class EventHistory: Sendable {
    struct Event: Sendable {
        var time: UnixTime
        var message: ApplicationMessage
        fileprivate var device: EUI64
        /// The number of the event before it of the same device; 0 without one.
        fileprivate var earlier: Int
    }

    /// Events are numbered from 1 on; a number's place in the ring is taken by a later one when it is full.
    private struct State {
        var ring: [Event] = []
        var last = 0
        /// The last number of each device that has an event in the ring.
        var latest: [EUI64: Int] = [:]

        func holds(_ number: Int) -> Bool { number > 0 && number > last - ring.count }
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
            let earlier = state.latest.updateValue(state.last, forKey: device) ?? 0
            let event = Event(time: time, message: message, device: device, earlier: earlier)
            guard state.ring.count == Self.totalLimit else { return state.ring.append(event) }
            let place = (state.last - 1) % Self.totalLimit
            let goes = state.ring[place].device
            if state.latest[goes] == state.last - Self.totalLimit { state.latest[goes] = nil }
            state.ring[place] = event
        }
    }

    /// Oldest first.
    ///
    /// - Parameter device: who it is under these names now; nil looks for who it was.
    func events(of applicationID: String, _ deviceID: String, device: EUI64?) -> [Event] {
        func isMeant(_ event: Event) -> Bool {
            event.message.device?.applicationID == applicationID && event.message.device?.deviceID == deviceID
        }
        return state.withLock { state in
            if let device { return Self.events(of: device, in: state).filter(isMeant) }
            let known = state.ring.last(where: isMeant)?.device
            return known.map { Self.events(of: $0, in: state).filter(isMeant) } ?? []
        }
    }

    private static func events(of device: EUI64, in state: borrowing State) -> [Event] {
        var events: [Event] = []
        var number = state.latest[device] ?? 0
        while events.count < deviceLimit, state.holds(number) {
            let event = state.ring[(number - 1) % totalLimit]
            events.append(event)
            number = event.earlier
        }
        return events.reversed()
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
