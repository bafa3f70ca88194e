// SPDX-License-Identifier: Apache-2.0
internal import LoRaWAN

/// A downlink in a multicast group's queue.
struct QueuedMulticast: Hashable, Sendable {
    var item: MulticastItem
    /// Its place; lower goes first.
    var position: Int64

    private static let version: UInt8 = 1

    init(item: MulticastItem, position: Int64) {
        self.item = item
        self.position = position
    }

    func encoded() -> [UInt8] {
        var writer = OctetWriter(capacity: 48 + item.payload.count + item.context.count)
        writer.put(Self.version)
        writer.put((item.expiresAt == nil ? 0 : 1) | (item.notBefore == nil ? 0 : 2) as UInt8)
        writer.put(item.id)
        writer.put(position)
        writer.put(item.port)
        if let expiresAt = item.expiresAt { writer.put(expiresAt.nanoseconds) }
        if let notBefore = item.notBefore { writer.put(notBefore.nanoseconds) }
        writer.put(counted: item.payload)
        writer.put(counted: item.context)
        return writer.take()
    }

    /// nil when the octets are not a stored multicast downlink of a known version.
    init?(_ octets: [UInt8], address: DevAddr) {
        var reader = OctetReader(octets)
        guard reader.take(UInt8.self) == Self.version else { return nil }
        let flags = reader.take(UInt8.self)
        let id = reader.take(UInt64.self)
        position = reader.take()
        let port = reader.take(UInt8.self)
        let expiresAt = flags & 1 != 0 ? UnixTime(nanoseconds: reader.take()) : nil
        let notBefore = flags & 2 != 0 ? UnixTime(nanoseconds: reader.take()) : nil
        item = MulticastItem(
            id: id,
            address: address,
            port: port,
            payload: reader.takeList(),
            expiresAt: expiresAt,
            notBefore: notBefore,
            context: reader.takeList(),
        )
        guard reader.isComplete else { return nil }
    }
}
