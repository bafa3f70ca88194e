// SPDX-License-Identifier: Apache-2.0
public import LoRaWAN

/// An entry of the outbox without its payload.
public struct OutboxHead: Hashable, Sendable {
    public var id: Int64
    public var devEUI: EUI64
    /// Octets of the payload.
    public var bytes: Int

    public init(id: Int64, devEUI: EUI64, bytes: Int) {
        self.id = id
        self.devEUI = devEUI
        self.bytes = bytes
    }
}
