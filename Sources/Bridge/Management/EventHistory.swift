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

    private struct Key: Hashable {
        var applicationID: String
        var deviceID: String
    }

    private struct State {
        var events: [Key: [Event]] = [:]
        /// All events in the order in which they came, as far as they are still held.
        var order: [(key: Key, number: UInt64)] = []
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

    func note(_ message: ApplicationMessage, at time: UnixTime) {
        guard let device = message.device else { return }
        let key = Key(applicationID: device.applicationID, deviceID: device.deviceID)
        state.withLock { state in
            state.last += 1
            state.count += 1
            state.order.append((key, state.last))
            state.events[key, default: []].append(Event(time: time, message: message, number: state.last))
            if let count = state.events[key]?.count, count > Self.deviceLimit {
                state.events[key]?.removeFirst()
                state.count -= 1
            }
            Self.shrink(&state)
        }
    }

    private static func shrink(_ state: inout State) {
        while state.count > totalLimit || state.order.count - state.oldest > 2 * totalLimit {
            let (key, number) = state.order[state.oldest]
            state.oldest += 1
            guard state.events[key]?.first?.number == number else { continue }
            state.events[key]?.removeFirst()
            state.count -= 1
            if state.events[key]?.isEmpty == true { state.events[key] = nil }
        }
        if state.oldest > totalLimit {
            state.order.removeFirst(state.oldest)
            state.oldest = 0
        }
    }

    /// Oldest first.
    func events(of applicationID: String, _ deviceID: String) -> [Event] {
        state.withLock { $0.events[Key(applicationID: applicationID, deviceID: deviceID)] ?? [] }
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
