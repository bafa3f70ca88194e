// SPDX-License-Identifier: Apache-2.0

/// The 17 octets of a beacon in regions that send it at SF9 (RP002; LoRaWAN 1.0.4 section 15.2).
public struct BeaconFrame: Hashable, Sendable {
    /// Octets of the frame.
    public static let length = 17

    /// GPS seconds at which the beacon starts.
    public var time: UInt32
    /// What the next six octets are; 0 to 2 for the place of an antenna, which this type reads as such.
    public var infoDescriptor: UInt8
    /// Degrees north times 2^23 / 90, 24 bits in two's complement.
    public var latitude: Int32
    /// Degrees east times 2^23 / 180, 24 bits in two's complement.
    public var longitude: Int32

    /// A beacon from its fields; coordinates beyond 24 bits are a defect of the caller.
    public init(time: UInt32, infoDescriptor: UInt8 = 0, latitude: Int32, longitude: Int32) {
        let field = -(Int32(1) << 23)..<1 << 23
        precondition(field.contains(latitude) && field.contains(longitude), "a coordinate has 24 bits")
        self.time = time
        self.infoDescriptor = infoDescriptor
        self.latitude = latitude
        self.longitude = longitude
    }

    /// Reads a beacon; nil for another length or when a checksum does not fit.
    public init?(octets: [UInt8]) {
        guard octets.count == Self.length,
            Self.checksum(octets[0..<6]) == octets.uint16(at: 6),
            Self.checksum(octets[8..<15]) == octets.uint16(at: 15)
        else { return nil }
        time = octets.uint32(at: 2)
        infoDescriptor = octets[8]
        latitude = Self.signed(octets.uint24(at: 9))
        longitude = Self.signed(octets.uint24(at: 12))
    }

    /// The frame as it is on air.
    public var octets: [UInt8] {
        var octets: [UInt8] = [0, 0]
        octets.reserveCapacity(Self.length)
        octets.appendLittleEndian(time, count: 4)
        octets.appendLittleEndian(Self.checksum(octets[0..<6]), count: 2)
        octets.append(infoDescriptor)
        octets.appendLittleEndian(latitude, count: 3)
        octets.appendLittleEndian(longitude, count: 3)
        octets.appendLittleEndian(Self.checksum(octets[8..<15]), count: 2)
        return octets
    }

    /// CRC-16 with polynomial 0x1021 from zero, highest bit first.
    private static func checksum(_ octets: ArraySlice<UInt8>) -> UInt16 {
        var remainder: UInt16 = 0
        for octet in octets {
            remainder ^= UInt16(octet) << 8
            for _ in 0..<8 {
                remainder = remainder & 0x8000 != 0 ? remainder << 1 ^ 0x1021 : remainder << 1
            }
        }
        return remainder
    }

    private static func signed(_ field: UInt32) -> Int32 {
        Int32(bitPattern: field << 8) >> 8
    }
}
