// SPDX-License-Identifier: Apache-2.0
public import LoRaWAN

/// What a device's session is at a moment, for people.
public struct SessionStatus: Hashable, Sendable {
    public var devAddr: DevAddr
    public var keys: SessionKeys
    /// The counter of the last uplink, nil before the first.
    public var counterUp: UInt32?
    /// The counter that the next downlink takes.
    public var nextCounterDown: UInt32
}

/// A downlink in a device's queue at a moment, for people.
public struct QueuedDownlinkStatus: Hashable, Sendable {
    public var item: DownlinkItem
    /// How often it went on the air.
    public var transmissions: Int
    /// Whether the RAN has it, or the device must confirm it.
    public var isUnderWay: Bool
}

extension NetworkServer {
    /// The session that a device's uplinks come in; nil for a device without one.
    public func session(of devEUI: EUI64) -> SessionStatus? {
        devices.slot(of: devEUI).flatMap { devices[$0].session }.map { session in
            SessionStatus(
                devAddr: session.devAddr,
                keys: session.keys,
                counterUp: session.counterUp,
                nextCounterDown: session.is11 ? session.nextApplicationCounterDown : session.nextCounterDown,
            )
        }
    }

    /// A device's queue in its order; empty for a device that is not here.
    public func queue(of devEUI: EUI64) -> [QueuedDownlinkStatus] {
        guard let slot = devices.slot(of: devEUI) else { return [] }
        return devices[slot].queue.items.map { queued in
            QueuedDownlinkStatus(
                item: queued.item,
                transmissions: Int(queued.transmissions),
                isUnderWay: queued.state != .waiting,
            )
        }
    }

    /// Somebody knows a session's counters better, such as the network that the device comes from.
    mutating func setCounters(of devEUI: EUI64, up: UInt32?, down: UInt32?) {
        guard let slot = devices.slot(of: devEUI) else { return }
        withSlot(slot) { device, _ in
            guard var session = device.session else { return }
            if let up { session.counterUp = up }
            if let down {
                session.nextCounterDown = down
                session.nextApplicationCounterDown = down
            }
            device.session = session
            device.isSessionChanged = true
        }
    }
}
