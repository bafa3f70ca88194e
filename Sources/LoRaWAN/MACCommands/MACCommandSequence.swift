// SPDX-License-Identifier: Apache-2.0

/// The MAC commands in FOpts or on port 0, read in order.
public struct MACCommandSequence<Command: MACCommand>: Hashable, Sendable {
    /// Why reading stopped.
    public enum End: Hashable, Sendable {
        /// Nothing was left.
        case complete
        /// An unknown identifier: its length is unknown, so the rest is lost.
        case unknown(identifier: UInt8)
        /// A command shorter than it must be.
        case truncated(identifier: UInt8)
    }

    /// The commands up to the end.
    public let commands: [Command]
    /// Why reading stopped.
    public let end: End
    /// The octets that were not read, from the identifier that stopped the reading on.
    public let rest: [UInt8]

    /// Reads plain octets; those of LoRaWAN 1.1 FOpts must have been decrypted.
    public init(parsing octets: [UInt8]) {
        var commands: [Command] = []
        var offset = 0
        var end = End.complete
        while offset < octets.count {
            let identifier = octets[offset]
            guard let length = Command.payloadLength(of: identifier) else {
                end = .unknown(identifier: identifier)
                break
            }
            guard octets.count - offset > length, let command = Command(octets: octets, at: offset) else {
                end = .truncated(identifier: identifier)
                break
            }
            commands.append(command)
            offset += 1 + length
        }
        self.commands = commands
        self.end = end
        rest = offset < octets.count ? Array(octets[offset...]) : []
    }
}
