// SPDX-License-Identifier: Apache-2.0
internal import LoRaWAN

/// The stored form of a queued downlink. What was with the RAN when the service ended waits again after a restart.
extension QueuedDownlink {
    private static let version: UInt8 = 1

    func encoded() -> [UInt8] {
        var writer = OctetWriter(capacity: 64 + item.payload.count + item.context.count)
        writer.put(Self.version)
        let isUnacknowledged: Bool
        if case .unacknowledged = state { isUnacknowledged = true } else { isUnacknowledged = false }
        let flags =
            (item.isConfirmed ? 1 : 0) | (item.port == nil ? 0 : 2) | (item.expiresAt == nil ? 0 : 4)
            | (item.notBefore == nil ? 0 : 8) | (item.requiresSession ? 16 : 0) | (isUnacknowledged ? 32 : 0) as UInt8
        writer.put(flags)
        writer.put(item.id)
        writer.put(position)
        if let port = item.port { writer.put(port) }
        if let expiresAt = item.expiresAt { writer.put(expiresAt.nanoseconds) }
        if let notBefore = item.notBefore { writer.put(notBefore.nanoseconds) }
        writer.put(Int32(clamping: item.maximumAttempts ?? 0))
        writer.put(transmissions)
        writer.put(failedTries)
        writer.put(missedOpportunities)
        writer.put(counted: item.payload)
        writer.put(counted: item.context)
        return writer.take()
    }

    /// nil when the octets are not a stored downlink of a known version.
    init?(_ octets: [UInt8], devEUI: EUI64) {
        var reader = OctetReader(octets)
        guard reader.take(UInt8.self) == Self.version else { return nil }
        let flags = reader.take(UInt8.self)
        let id = reader.take(UInt64.self)
        let position = reader.take(Int64.self)
        let port: UInt8? = flags & 2 != 0 ? reader.take() : nil
        let expiresAt = flags & 4 != 0 ? UnixTime(nanoseconds: reader.take()) : nil
        let notBefore = flags & 8 != 0 ? UnixTime(nanoseconds: reader.take()) : nil
        let attempts = reader.take(Int32.self)
        let transmissions = reader.take(UInt8.self)
        let failedTries = reader.take(UInt8.self)
        let missedOpportunities = reader.take(UInt8.self)
        let payload = reader.takeList()
        let context = reader.takeList()
        guard reader.isComplete else { return nil }
        let item = DownlinkItem(
            id: id,
            devEUI: devEUI,
            port: port,
            payload: payload,
            isConfirmed: flags & 1 != 0,
            maximumAttempts: attempts > 0 ? Int(attempts) : nil,
            expiresAt: expiresAt,
            notBefore: notBefore,
            requiresSession: flags & 16 != 0,
            context: context,
        )
        self.init(item: item, position: position)
        self.transmissions = transmissions
        self.failedTries = failedTries
        self.missedOpportunities = missedOpportunities
        state = flags & 32 != 0 ? .unacknowledged(until: nil) : .waiting
    }
}
