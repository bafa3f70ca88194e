// SPDX-License-Identifier: Apache-2.0
public import LoRaWAN

/// How a frame came over the air, and who heard it.
public struct RadioMetadata: Hashable, Sendable {
    /// Hertz, of the first copy.
    public var frequency: UInt32
    public var modulation: Modulation
    /// Of LoRa frames only.
    public var codingRate: CodingRate
    /// Octets of the whole PHYPayload with its MIC: the airtime follows from it.
    public var phyPayloadSize: Int
    /// One entry a copy, the first one heard first.
    public var receptions: [ReceptionMetadata]

    public init(
        frequency: UInt32,
        modulation: Modulation,
        codingRate: CodingRate = .fourFifths,
        phyPayloadSize: Int,
        receptions: [ReceptionMetadata],
    ) {
        self.frequency = frequency
        self.modulation = modulation
        self.codingRate = codingRate
        self.phyPayloadSize = phyPayloadSize
        self.receptions = receptions
    }

    /// The forward error correction of a LoRa frame.
    public enum CodingRate: UInt8, Hashable, Sendable {
        case fourFifths = 1
        case fourSixths = 2
        case fourSevenths = 3
        case fourEighths = 4
    }

    /// Nanoseconds on the air.
    public var airtime: Int64 {
        Airtime.published(size: phyPayloadSize, modulation: modulation, codingRate: codingRate)
    }
}

extension RadioMetadata.CodingRate {
    var text: String {
        switch self {
        case .fourFifths: "4/5"
        case .fourSixths: "4/6"
        case .fourSevenths: "4/7"
        case .fourEighths: "4/8"
        }
    }
}
