// SPDX-License-Identifier: Apache-2.0

/// The physical parameters of a LoRa frame that decide how long it is on air (SX1276 data sheet section 4.1.1.7).
public struct LoRaPhysicalFrame: Hashable, Sendable {
    /// 5 to 12.
    public let spreading: UInt8
    /// In hertz.
    public let bandwidth: UInt32
    /// Forward error correction.
    public let codingRate: LoRaCodingRate
    /// Octets of PHYPayload.
    public let length: Int
    /// An explicit header precedes the payload.
    public let hasHeader: Bool
    /// A checksum of 16 bits follows the payload.
    public let hasCRC: Bool
    /// Symbols before the sync word; 4.25 more follow.
    public let preambleSymbols: Int

    /// LoRaWAN's values unless told; nil for a spreading factor outside 5 to 12, no bandwidth, or a negative length.
    public init?(
        spreading: UInt8,
        bandwidth: UInt32,
        codingRate: LoRaCodingRate = .fourFifths,
        length: Int,
        hasHeader: Bool = true,
        hasCRC: Bool,
        preambleSymbols: Int = 8,
    ) {
        guard (5...12).contains(spreading), bandwidth > 0, length >= 0, preambleSymbols >= 0 else { return nil }
        self.spreading = spreading
        self.bandwidth = bandwidth
        self.codingRate = codingRate
        self.length = length
        self.hasHeader = hasHeader
        self.hasCRC = hasCRC
        self.preambleSymbols = preambleSymbols
    }

    /// Symbols of 16 ms and more carry two bits less, against drift.
    public var isOptimizedForLowDataRate: Bool {
        (UInt64(1) << UInt64(spreading)) * 1000 >= 16 * UInt64(bandwidth)
    }

    /// Symbols after the preamble.
    public var payloadSymbols: Int {
        let spreading = Int(spreading)
        let isSmall = spreading < 7
        let bits = 8 * length + (hasCRC ? 16 : 0) - 4 * spreading + (hasHeader ? 20 : 0) + (isSmall ? 0 : 8)
        let bitsPerBlock = 4 * (spreading - (isOptimizedForLowDataRate ? 2 : 0))
        let blocks = max(0, (bits + bitsPerBlock - 1) / bitsPerBlock)
        return 8 + blocks * codingRate.denominator
    }

    /// Time on air, preamble included; SF5 and SF6 have two symbols more before the payload.
    public var airtime: Airtime {
        let quarterSymbols = Int64(4 * (preambleSymbols + payloadSymbols) + 17 + (spreading < 7 ? 8 : 0))
        let units = quarterSymbols * (1 << Int64(spreading)) * 250_000_000
        return Airtime(nanoseconds: units / Int64(bandwidth))
    }
}
