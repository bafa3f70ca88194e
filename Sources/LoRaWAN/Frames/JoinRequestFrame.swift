// SPDX-License-Identifier: Apache-2.0

/// A join-request without its MIC (LoRaWAN 1.0.4 section 6.2.5).
public struct JoinRequestFrame: Hashable, Sendable {
    /// Octets of a join-request without MIC.
    static let length = 19

    /// AppEUI before LoRaWAN 1.1.
    public var joinEUI: EUI64
    /// The device that asks.
    public var devEUI: EUI64
    /// A number the device uses once.
    public var devNonce: UInt16

    /// A request from its fields.
    public init(joinEUI: EUI64, devEUI: EUI64, devNonce: UInt16) {
        self.joinEUI = joinEUI
        self.devEUI = devEUI
        self.devNonce = devNonce
    }

    init(body octets: [UInt8]) throws(FrameError) {
        guard octets.count == Self.length else { throw .wrongLength(.joinRequest, count: octets.count) }
        self.init(joinEUI: octets.eui64(at: 1), devEUI: octets.eui64(at: 9), devNonce: octets.uint16(at: 17))
    }

    /// MHDR to DevNonce: what the MIC covers and what precedes it on air.
    public func encodedWithoutMIC() -> [UInt8] {
        var octets: [UInt8] = []
        octets.reserveCapacity(Self.length + MIC.length)
        octets.append(MessageType.joinRequest.header)
        octets.append(joinEUI)
        octets.append(devEUI)
        octets.appendLittleEndian(devNonce, count: 2)
        return octets
    }
}
