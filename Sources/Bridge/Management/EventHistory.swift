// SPDX-License-Identifier: Apache-2.0
internal import LoRaWAN
internal import Synchronization
internal import TTNMessages

/// The last messages about each device, in memory alone: for people who ask what just happened. They are kept as v2
/// publishes them.
final class EventHistory: Sendable {
    struct Event: Sendable {
        var time: UnixTime
        var topic: String
        /// JSON text.
        var payload: [UInt8]
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

    private let state = Mutex(State())

    /// Keeps a message about a registered device.
    func note(_ message: OutgoingMessage, about device: EUI64, at time: UnixTime) {
        state.withLock { state in
            state.last += 1
            let earlier = state.latest.updateValue(state.last, forKey: device) ?? 0
            let event = Event(
                time: time,
                topic: message.topic,
                payload: message.payload,
                device: device,
                earlier: earlier,
            )
            guard state.ring.count == Self.totalLimit else { return state.ring.append(event) }
            let place = (state.last - 1) % Self.totalLimit
            let goes = state.ring[place].device
            if state.latest[goes] == state.last - Self.totalLimit { state.latest[goes] = nil }
            state.ring[place] = event
        }
    }

    /// Oldest first.
    ///
    /// - Parameters:
    ///   - start: how the topics of its messages begin.
    ///   - device: who it is under these names now; nil looks for who it was.
    func events(under start: String, of device: EUI64?) -> [Event] {
        state.withLock { state in
            let known = device ?? state.ring.last { $0.topic.hasPrefix(start) }?.device
            return known.map { Self.events(of: $0, in: state).filter { $0.topic.hasPrefix(start) } } ?? []
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
