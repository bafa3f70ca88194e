// SPDX-License-Identifier: Apache-2.0

/// The optional channel list of a join-accept (LoRaWAN 1.0.4 section 6.2.6, RP002 for each region).
public enum CFList: Hashable, Sendable {
    /// Type 0: up to five extra channels in hertz, 0 for none. Reading always gives five.
    case frequencies([UInt32])
    /// Type 1: up to six masks of 16 channels, bit 0 the first. Reading gives five, or six when the sixth is not zero.
    case channelMasks([UInt16])

    /// Octets of a channel list.
    static let length = 16

    init(octets: [UInt8], at offset: Int) throws(FrameError) {
        switch octets[offset + 15] {
        case 0:
            self = .frequencies((0..<5).map { ChannelFrequency.hertz(code: octets.uint24(at: offset + 3 * $0)) })
        case 1:
            let masks = (0..<6).map { octets.uint16(at: offset + 2 * $0) }
            self = .channelMasks(masks[5] == 0 ? Array(masks.prefix(5)) : masks)
        case let type:
            throw .unknownChannelListType(type)
        }
    }

    /// The 16 octets in air order. More entries than that are a defect of the caller.
    public var octets: [UInt8] {
        var octets: [UInt8] = []
        octets.reserveCapacity(Self.length)
        let type: UInt8
        switch self {
        case .frequencies(let frequencies):
            precondition(frequencies.count <= 5, "a channel list holds five frequencies")
            for frequency in frequencies {
                octets.appendLittleEndian(ChannelFrequency.code(hertz: frequency), count: 3)
            }
            type = 0
        case .channelMasks(let masks):
            precondition(masks.count <= 6, "a channel list holds six masks")
            for mask in masks { octets.appendLittleEndian(mask, count: 2) }
            type = 1
        }
        octets += repeatElement(0, count: Self.length - 1 - octets.count)
        octets.append(type)
        return octets
    }
}
