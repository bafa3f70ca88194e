// SPDX-License-Identifier: Apache-2.0

/// The version of the link layer a device speaks.
public enum LoRaWANVersion: String, Hashable, Sendable, CaseIterable {
    case v1_0_0 = "1.0.0"
    case v1_0_1 = "1.0.1"
    case v1_0_2 = "1.0.2"
    case v1_0_3 = "1.0.3"
    case v1_0_4 = "1.0.4"
    case v1_1 = "1.1"

    /// Reads `1.0.0` to `1.0.4` and `1.1`; also `1.0` for 1.0.0 and `1.1.0` for 1.1. Nil for anything else.
    public init?(text: some StringProtocol) {
        switch text {
        case "1.0": self = .v1_0_0
        case "1.1.0": self = .v1_1
        default: self.init(rawValue: String(text))
        }
    }

    /// Whether the device has the key hierarchy, MICs and counters of 1.1.
    public var is11: Bool { self == .v1_1 }
}

extension LoRaWANVersion: Comparable, CustomStringConvertible {
    /// Older first.
    public static func < (left: LoRaWANVersion, right: LoRaWANVersion) -> Bool { left.place < right.place }

    /// Compared in place of the text: versions are asked for with every frame.
    private var place: Int {
        switch self {
        case .v1_0_0: 0
        case .v1_0_1: 1
        case .v1_0_2: 2
        case .v1_0_3: 3
        case .v1_0_4: 4
        case .v1_1: 5
        }
    }

    /// The version as people write it.
    public var description: String { rawValue }
}
