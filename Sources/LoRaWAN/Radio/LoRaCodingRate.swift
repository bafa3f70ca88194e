// SPDX-License-Identifier: Apache-2.0

/// Forward error correction of LoRa: coded bits for every four bits.
public enum LoRaCodingRate: String, Hashable, Sendable, CaseIterable {
    case fourFifths = "4/5"
    case fourSixths = "4/6"
    case fourSevenths = "4/7"
    case fourEighths = "4/8"

    /// Coded bits for every four bits.
    var denominator: Int {
        switch self {
        case .fourFifths: 5
        case .fourSixths: 6
        case .fourSevenths: 7
        case .fourEighths: 8
        }
    }
}
