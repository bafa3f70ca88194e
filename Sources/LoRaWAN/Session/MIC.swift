// SPDX-License-Identifier: Apache-2.0

/// A message integrity code: its four octets in air order, read as a big-endian number.
///
/// Read that way it compares directly with the numbers of the RAN's MIC challenge.
public struct MIC: RawRepresentable, Hashable, Sendable {
    /// Octets of a MIC on air.
    public static let length = 4

    /// The four octets as a big-endian number.
    public let rawValue: UInt32

    /// A code from its number.
    public init(rawValue: UInt32) {
        self.rawValue = rawValue
    }

    /// The code whose four octets stand at the end of the first half of a CMAC: LoRaWAN keeps octets 0 to 3.
    init(truncating cmac: AESBlock) {
        rawValue = UInt32(truncatingIfNeeded: cmac.high >> 32)
    }

    /// The four octets in air order.
    public var octets: [UInt8] {
        (0..<4).map { UInt8(truncatingIfNeeded: rawValue >> UInt32(24 - 8 * $0)) }
    }

    /// Takes the MIC off the end of a PHYPayload.
    static func split(_ phyPayload: [UInt8]) throws(FrameError) -> (octets: [UInt8], mic: MIC) {
        guard phyPayload.count > length else {
            throw .truncated(part: .messageIntegrityCode, needed: length + 1, count: phyPayload.count)
        }
        let value = phyPayload.suffix(length).reduce(UInt32(0)) { $0 << 8 | UInt32($1) }
        return (Array(phyPayload.dropLast(length)), MIC(rawValue: value))
    }
}

extension MIC: CustomStringConvertible {
    /// The four octets as 8 lower case hexadecimal digits.
    public var description: String { UInt64(rawValue).hexText(digits: 8) }
}
