// SPDX-License-Identifier: Apache-2.0

/// A MAC command of one direction. Only `UplinkMACCommand` and `DownlinkMACCommand` conform.
public protocol MACCommand: Hashable, Sendable {
    /// Octets after the identifier; nil for an identifier that is unknown in this direction.
    static func payloadLength(of identifier: UInt8) -> Int?

    /// Reads the command at an offset; the identifier is known and the octets are there.
    init?(octets: [UInt8], at offset: Int)

    /// Appends identifier and payload as they are on air.
    func append(to octets: inout [UInt8])

    /// The name the specification gives the command, such as `LinkADRReq`.
    var name: String { get }
}

extension MACCommand {
    /// Identifier and payload as they are on air.
    public var octets: [UInt8] {
        var octets: [UInt8] = []
        append(to: &octets)
        return octets
    }

    /// Several commands one after the other, as in FOpts or on port 0.
    public static func octets(of commands: some Sequence<Self>) -> [UInt8] {
        var octets: [UInt8] = []
        for command in commands { command.append(to: &octets) }
        return octets
    }
}

extension UInt8 {
    /// Checks that a field of a command to be sent has no more than its bits.
    func field(bits: Int, at shift: Int = 0) -> UInt8 {
        precondition(Int(self) < 1 << bits, "a MAC command field has \(bits) bits")
        return self << UInt8(shift)
    }
}

extension Bool {
    /// The boolean as one bit.
    func bit(_ position: Int) -> UInt8 { self ? 1 << UInt8(position) : 0 }
}

extension UInt8 {
    /// Whether a bit is set.
    func hasBit(_ position: Int) -> Bool { self >> UInt8(position) & 1 == 1 }
}
