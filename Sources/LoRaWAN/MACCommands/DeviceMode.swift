// SPDX-License-Identifier: Apache-2.0

/// The class field of DeviceModeInd and DeviceModeConf (LoRaWAN 1.1 section 18.1).
public struct DeviceMode: RawRepresentable, Hashable, Sendable {
    /// The octet on air.
    public let rawValue: UInt8

    /// Any octet; unknown ones survive.
    public init(rawValue: UInt8) { self.rawValue = rawValue }

    /// Class A.
    public static let classA = DeviceMode(rawValue: 0)
    /// Class C.
    public static let classC = DeviceMode(rawValue: 2)

    /// The class, when the octet is a known one.
    public var deviceClass: DeviceClass? {
        switch self {
        case .classA: .a
        case .classC: .c
        default: nil
        }
    }
}
