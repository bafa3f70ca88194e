// SPDX-License-Identifier: Apache-2.0
internal import LoRaWAN

/// What the network asked a device for, and how often in vain.
struct MacDialogue: Hashable, Sendable {
    /// Requests of the last downlink that the device has not answered, in order.
    var asked: [DownlinkMACCommand] = []
    /// The downlink with these requests was not sent, as far as the RAN says: it is no wonder if no answer comes.
    var isUnsent = false
    /// Requests that were refused or not answered so far.
    private(set) var troubles: [Trouble] = []

    /// A kind of request that had no success.
    struct Trouble: Hashable, Sendable {
        /// Command identifier and, where there is one, channel index.
        var kind: UInt16
        var refusals: UInt8 = 0
        var silences: UInt8 = 0
    }

    /// Refusals after which a request is not repeated in this session.
    static let maximumRefusals: UInt8 = 3
    /// Downlinks with a request that may stay without an answer.
    static let maximumSilences: UInt8 = 8

    /// Whether it makes sense to ask for this.
    func mayAsk(_ command: DownlinkMACCommand) -> Bool {
        guard let trouble = troubles.first(where: { $0.kind == command.kind }) else { return true }
        return trouble.refusals < Self.maximumRefusals && trouble.silences < Self.maximumSilences
    }

    /// The device said no; true when it is not asked again.
    mutating func noteRefusal(of command: DownlinkMACCommand) -> Bool {
        change(command) { $0.refusals = $0.refusals.addingSaturated(1) }.refusals == Self.maximumRefusals
    }

    /// The device said nothing; true when it is not asked again.
    mutating func noteSilence(about command: DownlinkMACCommand) -> Bool {
        change(command) { $0.silences = $0.silences.addingSaturated(1) }.silences == Self.maximumSilences
    }

    /// The device said yes.
    mutating func noteSuccess(of command: DownlinkMACCommand) {
        troubles.removeAll { $0.kind == command.kind }
    }

    /// Takes a trouble back from the store.
    mutating func restore(_ trouble: Trouble) {
        troubles.append(trouble)
    }

    private mutating func change(_ command: DownlinkMACCommand, _ body: (inout Trouble) -> Void) -> Trouble {
        if let index = troubles.firstIndex(where: { $0.kind == command.kind }) {
            body(&troubles[index])
            return troubles[index]
        }
        var trouble = Trouble(kind: command.kind)
        body(&trouble)
        troubles.append(trouble)
        return trouble
    }
}

extension DownlinkMACCommand {
    /// Tells requests apart that succeed or fail by themselves.
    var kind: UInt16 {
        let octets = octets
        switch self {
        case .newChannelRequest, .dlChannelRequest: return UInt16(octets[0]) << 8 | UInt16(octets[1])
        default: return UInt16(octets[0]) << 8
        }
    }
}
