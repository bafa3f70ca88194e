// SPDX-License-Identifier: Apache-2.0
public import LoRaWAN

/// Something that must still reach the broker.
public struct OutboxEntry: Hashable, Sendable {
    /// Given by the writer, always above every id before it: it is the order of publication.
    public var id: Int64
    public var devEUI: EUI64
    /// What the payload is, in the writer's own numbering.
    public var kind: UInt8
    /// The message in its owner's own versioned form.
    public var payload: [UInt8]

    public init(id: Int64, devEUI: EUI64, kind: UInt8, payload: [UInt8]) {
        self.id = id
        self.devEUI = devEUI
        self.kind = kind
        self.payload = payload
    }
}
