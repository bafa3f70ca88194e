// SPDX-License-Identifier: Apache-2.0

/// The flags of a data frame, FCtrl without its length field (LoRaWAN 1.0.4 section 4.3.1).
public struct FrameControl: Hashable, Sendable {
    /// The flags in the four highest bits; the lowest four are zero.
    private(set) var bits: UInt8

    /// The flags of an octet on air; its length field is ignored.
    init(octet: UInt8) {
        bits = octet & 0xf0
    }

    /// Flags not named are off. `classB` (uplinks) and `pending` (downlinks) are the same bit on air.
    public init(
        adr: Bool = false,
        adrAckRequest: Bool = false,
        ack: Bool = false,
        classB: Bool = false,
        pending: Bool = false,
    ) {
        bits = (adr ? 0x80 : 0) | (adrAckRequest ? 0x40 : 0) | (ack ? 0x20 : 0) | (classB || pending ? 0x10 : 0)
    }

    /// Up: the device lets the network set its data rate. Down: the network is able to.
    public var adr: Bool { bits & 0x80 != 0 }
    /// Up: the device asks for any downlink, to see whether it is still heard. Reserved down.
    public var adrAckRequest: Bool { bits & 0x40 != 0 }
    /// The last confirmed frame of the other side has arrived.
    public var ack: Bool { bits & 0x20 != 0 }
    /// Up: the device listens in class B ping slots.
    public var classB: Bool { bits & 0x10 != 0 }
    /// Down: the network holds more for the device (FPending).
    public var pending: Bool { bits & 0x10 != 0 }
}
